#!/usr/bin/env node
// Only syntax that old versions of Node can read may stand here: they are to say what is wrong, not to stumble over a token.
// The least version is that of ../src/cli/node-version.ts; a test compares them.
var least = [22, 19];
var running = process.versions.node.split('.').map(Number);
if (running[0] > least[0] || (running[0] === least[0] && running[1] >= least[1])) {
  import('../dist/cli/main.js').catch(function (error) {
    console.error(error);
    process.exitCode = 1;
  });
} else {
  console.error('error[node_too_old]: modelwire needs Node ' + least.join('.') + ' or newer; this is ' + process.version);
  console.error('  do          install a newer Node from https://nodejs.org');
  process.exitCode = 1;
}
