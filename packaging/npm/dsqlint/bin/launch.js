// Runs the program of this platform's package under a name: same arguments, streams and exit code.
"use strict";

const { spawnSync } = require("node:child_process");

module.exports = function launch(name) {
  const platform = `dsqlint-${process.platform}-${process.arch}`;
  let program;
  try {
    program = require.resolve(`${platform}/bin/dsqlint`);
  } catch {
    console.error(
      `${name}: the package ${platform} is not installed. Install without --no-optional and ` +
        "--omit=optional; where there is no such package, build dsqlint from source.",
    );
    process.exit(2);
  }
  const done = spawnSync(program, process.argv.slice(2), { stdio: "inherit", argv0: name });
  if (done.error) {
    console.error(`${name}: ${program} cannot be run: ${done.error.message}`);
    process.exit(2);
  }
  if (done.signal) process.kill(process.pid, done.signal);
  process.exit(done.status);
};
