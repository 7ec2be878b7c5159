# What `cmake --install` puts where, and the Debian packages that CPack makes of it. Components:
# `program`, `library` for what others have linked, `development` for who links.

install(TARGETS dsqlint COMPONENT program)
install(FILES $<TARGET_FILE_DIR:dsqlint>/dsql-lint DESTINATION ${CMAKE_INSTALL_BINDIR}
        COMPONENT program)

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
                    OUTPUT_FILE \"\${file}\" COMMAND_ERROR_IS_FATAL ANY)"
          COMPONENT program)
endfunction()
install_output(${CMAKE_INSTALL_MANDIR}/man1/dsqlint.1.gz man "COMMAND gzip -9n")
set(COMPLETIONS ${CMAKE_INSTALL_DATADIR})
install_output(${COMPLETIONS}/bash-completion/completions/dsqlint "completions bash")
install_output(${COMPLETIONS}/zsh/vendor-completions/_dsqlint "completions zsh")
install_output(${COMPLETIONS}/fish/vendor_completions.d/dsqlint.fish "completions fish")

# The C API. Both files find the prefix from where they stand, so the folder may be moved.
if(NOT DSQLINT_STATIC)
  install(TARGETS dsqlint_c EXPORT dsqlint LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
          COMPONENT library NAMELINK_COMPONENT development)
  install(FILES ${CMAKE_SOURCE_DIR}/bindings/dsqlint.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
          COMPONENT development)
  include(CMakePackageConfigHelpers)
  set(PACKAGE_FOLDER ${CMAKE_INSTALL_LIBDIR}/cmake/dsqlint)
  install(EXPORT dsqlint NAMESPACE dsqlint:: FILE dsqlint-config.cmake DESTINATION ${PACKAGE_FOLDER}
          COMPONENT development)
  write_basic_package_version_file(${CMAKE_BINARY_DIR}/dsqlint-config-version.cmake
                                   COMPATIBILITY SameMajorVersion)
  file(RELATIVE_PATH PREFIX_FROM_PKGCONFIG "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
  configure_file(${CMAKE_SOURCE_DIR}/packaging/dsqlint.pc.in ${CMAKE_BINARY_DIR}/dsqlint.pc @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/dsqlint-config-version.cmake DESTINATION ${PACKAGE_FOLDER}
          COMPONENT development)
  install(FILES ${CMAKE_BINARY_DIR}/dsqlint.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
          COMPONENT development)
endif()

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
set(LIBRARY_PACKAGE libdsqlint${PROJECT_VERSION_MAJOR})
set(DOCS ${CMAKE_INSTALL_DATADIR}/doc)
install(FILES ${COPYRIGHT} DESTINATION ${DOCS}/dsqlint COMPONENT program)
install(FILES ${COPYRIGHT} DESTINATION ${DOCS}/${LIBRARY_PACKAGE} COMPONENT library)
install(FILES ${COPYRIGHT} DESTINATION ${DOCS}/libdsqlint-dev COMPONENT development)

set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL program library development)
set(CPACK_PACKAGE_NAME dsqlint)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME dsqlint)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME ${LIBRARY_PACKAGE})
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libdsqlint-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${LIBRARY_PACKAGE} (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_PACKAGE_CONTACT "the dsqlint authors <dsqlint@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "linter and fixer for SQL that is to run on Aurora DSQL")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "Reads PostgreSQL or MySQL text, says what Amazon Aurora DSQL refuses or does
differently, and rewrites it with the smallest edits that make it run.")
set(CPACK_DEBIAN_LIBRARY_DESCRIPTION "The shared library with the C API.")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION
    "The header of the C API, and what pkg-config and CMake need to find it.")
set(CPACK_PACKAGE_VENDOR dsqlint)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS git)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# What is packed is what was built, not everything that could be.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
include(CPack)
