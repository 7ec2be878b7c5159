// Runs the migrations of a folder through the libraries of Go's migration tools.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"

	"ariga.io/atlas/sql/migrate"
	migratego "github.com/golang-migrate/migrate/v4"
	_ "github.com/golang-migrate/migrate/v4/database/postgres"
	_ "github.com/golang-migrate/migrate/v4/source/file"
	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib"
	tern "github.com/jackc/tern/v2/migrate"
	"github.com/pressly/goose/v3"
	sqlmigrate "github.com/rubenv/sql-migrate"
)

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(tool, folder, url string) error {
	ctx := context.Background()
	switch tool {
	case "goose":
		db, err := sql.Open("pgx", url)
		if err != nil {
			return err
		}
		if err := goose.SetDialect("postgres"); err != nil {
			return err
		}
		return goose.Up(db, folder)
	case "sql-migrate":
		db, err := sql.Open("pgx", url)
		if err != nil {
			return err
		}
		_, err = sqlmigrate.Exec(db, "postgres", &sqlmigrate.FileMigrationSource{Dir: folder}, sqlmigrate.Up)
		return err
	case "golang-migrate":
		m, err := migratego.New("file://"+folder, url)
		if err != nil {
			return err
		}
		return m.Up()
	case "tern":
		connection, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		m, err := tern.NewMigrator(ctx, connection, "public.schema_version")
		if err != nil {
			return err
		}
		if err := m.LoadMigrations(os.DirFS(folder)); err != nil {
			return err
		}
		return m.Migrate(ctx)
	case "atlas-hash", "atlas-validate":
		dir, err := migrate.NewLocalDir(folder)
		if err != nil {
			return err
		}
		if tool == "atlas-validate" {
			return migrate.Validate(dir)
		}
		sum, err := dir.Checksum()
		if err != nil {
			return err
		}
		return migrate.WriteSumFile(dir, sum)
	}
	return fmt.Errorf("unknown tool %s", tool)
}
