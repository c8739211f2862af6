// `npm start` and `npm run modelwire`: the command from its TypeScript source. JavaScript itself, so that the compile cache is on before
// the first TypeScript file is read: what comes from the cache needs no TypeScript parser, which alone takes 50 ms to load.
import module from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 19)) {
  module.enableCompileCache();
  await import('../packages/gateway/src/cli/main.ts');
} else {
  console.error(`error[node_too_old]: modelwire needs Node 22.19 or newer; this is ${process.version}`);
  console.error('  do          install a newer Node from https://nodejs.org');
  process.exitCode = 1;
}
