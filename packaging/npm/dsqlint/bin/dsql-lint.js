#!/usr/bin/env node
require("./launch.js")("dsql-lint");
