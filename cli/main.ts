#!/usr/bin/env node
// npm runs its scripts in the folder of package.json; paths on the command line mean the folder the user is in. The
// program itself is not started by npm, so this is for `npm run quoin` on the sources alone.
const { INIT_CWD, npm_lifecycle_event } = process.env
if (npm_lifecycle_event === 'quoin' && INIT_CWD !== undefined && import.meta.url.endsWith('.ts'))
  process.chdir(INIT_CWD)

const { main } = await import('./app.ts')
await main(process.argv.slice(2))

export {}
