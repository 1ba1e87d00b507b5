import { globSync, readFileSync } from 'node:fs'
import type { Entries, Sources } from './rules/imports.ts'

const root = new URL('../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')

const ours = ['*.ts', '{graph,passes,codegen,runtime,verify,cli,examples,test,bench}/**/*.ts']
const notOurs = ['**/node_modules/**', '**/*.quoin/**', '**/*.d.ts']

/** Every TypeScript file that a person wrote here. */
export const sources: Sources = Object.fromEntries(
  globSync(ours, { cwd: root, exclude: notOurs })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => [path, read(path)]),
)

type Exports = Readonly<Record<string, { readonly 'quoin-source': string }>>

/** `{ 'quoin/runtime': 'runtime/index.ts', … }`, from the exports of package.json. */
export const entries: Entries = Object.fromEntries(
  Object.entries((JSON.parse(read('package.json')) as { exports: Exports }).exports).map(
    ([name, { 'quoin-source': source }]) => [name.replace(/^\./, 'quoin'), source.replace(/^\.\//, '')],
  ),
)

export const lockFile = read('package-lock.json')
