// Runs the migrations of a folder through Flyway or Liquibase.

import java.io.File;
import java.sql.DriverManager;
import liquibase.Contexts;
import liquibase.Liquibase;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.DirectoryResourceAccessor;
import org.flywaydb.core.Flyway;

public class MigrationTools {
  public static void main(String[] arguments) throws Exception {
    String folder = arguments[1];
    String url = arguments[2];
    if (arguments[0].startsWith("flyway")) {
      var flyway =
          Flyway.configure()
              .dataSource(url, "postgres", "")
              .locations("filesystem:" + folder + "/sql")
              .load();
      if (arguments[0].equals("flyway-order")) {
        for (var migration : flyway.info().pending()) System.out.println(migration.getScript());
      } else {
        flyway.migrate();
      }
      return;
    }
    var connection = new JdbcConnection(DriverManager.getConnection(url, "postgres", ""));
    var database = DatabaseFactory.getInstance().findCorrectDatabaseImplementation(connection);
    try (var files = new DirectoryResourceAccessor(new File(folder));
        var liquibase = new Liquibase("root.xml", files, database)) {
      liquibase.update(new Contexts());
    }
  }
}
