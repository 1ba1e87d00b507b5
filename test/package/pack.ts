import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { conclude, entries, node, packed, run } from './project.ts'

// What `npm pack` makes must work for somebody who has only that: types, every entry, and a graph from text to answer.

const { directory, files } = packed()

const expected = [
  'README.md',
  'LICENSE',
  'NOTICE',
  'CHANGELOG.md',
  'dist/index.js',
  'dist/index.d.ts',
  'dist/cli/main.js',
]
const unwanted = /^(test|bench|docs|examples|specs-tla|\.ci)\//
conclude(
  [
    ...expected.filter((path) => !files.includes(path)).map((path) => `the package lacks ${path}`),
    ...files.filter((path) => unwanted.test(path)).map((path) => `the package should not hold ${path}`),
  ],
  `the package holds ${files.length} files, and none of tests, benchmarks or examples`,
)

run(directory, join(directory, 'node_modules/.bin/tsc'), '-p', '.')
conclude([], 'the declarations check in a strict project, without skipLibCheck')

const answer = node(directory, 'hello.ts').trim()
const right = '{"_tag":"Right","right":{"y":42}}'
conclude(answer === right ? [] : [`hello.ts answered ${answer} and not ${right}`], `hello.ts answers ${answer}`)

for (const entry of entries) node(directory, '-e', `import('${entry}')`)
conclude([], `all entries load: ${entries.join(', ')}`)

console.log(`  ${run(directory, join(directory, 'node_modules/.bin/quoin'), '--help').split('\n')[0]}`)
conclude([], 'the command quoin is installed and says how to use it')

// Last, because it takes away from the project: the runtime must not miss what compiles and what queries.
const heavy = ['binaryen', 'ts-morph', 'libpg-query', '@duckdb']
for (const name of heavy) rmSync(join(directory, 'node_modules', name), { recursive: true, force: true })
node(directory, '-e', "import('quoin/runtime')")
conclude([], `quoin/runtime loads where ${heavy.join(', ')} are not installed`)
