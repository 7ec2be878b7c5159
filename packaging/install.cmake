# What `cmake --install` puts where, and the Debian package that CPack makes of it.

include(GNUInstallDirs)
install(TARGETS dsqlint)
install(FILES $<TARGET_FILE_DIR:dsqlint>/dsql-lint DESTINATION ${CMAKE_INSTALL_BINDIR})

# The program knows its manual page and completions best.
function(install_output path command)
  install(CODE "
    set(file \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${path}\")
    message(STATUS \"Installing: \${file}\")
    file(REMOVE \"\${file}\")
    get_filename_component(folder \"\${file}\" DIRECTORY)
    file(MAKE_DIRECTORY \"\${folder}\")
    separate_arguments(arguments UNIX_COMMAND \"${command}\")
    execute_process(COMMAND \"$<TARGET_FILE:dsqlint>\" \${arguments} ${ARGN}
                    OUTPUT_FILE \"\${file}\" COMMAND_ERROR_IS_FATAL ANY)")
endfunction()
install_output(${CMAKE_INSTALL_MANDIR}/man1/dsqlint.1.gz man "COMMAND gzip -9n")
set(COMPLETIONS ${CMAKE_INSTALL_DATADIR})
install_output(${COMPLETIONS}/bash-completion/completions/dsqlint "completions bash")
install_output(${COMPLETIONS}/zsh/vendor-completions/_dsqlint "completions zsh")
install_output(${COMPLETIONS}/fish/vendor_completions.d/dsqlint.fish "completions fish")

# The licence, and those of what is linked statically.
find_file(PG_QUERY_COPYRIGHT share/doc/libpg-query-dev/copyright
          HINTS ${CMAKE_SOURCE_DIR}/.deps/usr /usr NO_CACHE)
set(COPYRIGHT ${CMAKE_BINARY_DIR}/copyright)
file(READ ${CMAKE_SOURCE_DIR}/LICENSE LICENSE_TEXT)
file(WRITE ${COPYRIGHT} "${LICENSE_TEXT}")
if(PG_QUERY_COPYRIGHT)
  file(READ ${PG_QUERY_COPYRIGHT} PG_QUERY_LICENSE_TEXT)
  file(APPEND ${COPYRIGHT}
       "\nThe program contains libpg_query, whose own words are:\n\n${PG_QUERY_LICENSE_TEXT}")
endif()
install(FILES ${COPYRIGHT} DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/dsqlint)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME dsqlint)
set(CPACK_PACKAGE_CONTACT "the dsqlint authors <dsqlint@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "linter and fixer for SQL that is to run on Aurora DSQL")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "Reads PostgreSQL or MySQL text, says what Amazon Aurora DSQL refuses or does
differently, and rewrites it with the smallest edits that make it run.")
set(CPACK_PACKAGE_VENDOR dsqlint)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS git)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# What is packed is what was built, not everything that could be.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
include(CPack)
