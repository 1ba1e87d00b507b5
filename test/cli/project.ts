import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { quoin, scratch } from './quoin.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Projects of a user's, each in a folder of its own with Quoin installed. */
export const projects = () => {
  const at = scratch()
  return {
    remove: at.remove,
    project: (name: string, files: Readonly<Record<string, string>>): string => {
      const folder = at.path(name)
      mkdirSync(join(folder, 'node_modules'), { recursive: true })
      symlinkSync(root, join(folder, 'node_modules/quoin'), 'dir')
      put(folder, { 'package.json': JSON.stringify({ name, type: 'module' }), ...files })
      return folder
    },
  }
}
export const put = (folder: string, files: Readonly<Record<string, string>>): void => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}
export const verify = (cwd: string, ...args: readonly string[]) => quoin(['verify', ...args], { cwd })
export const build = async (cwd: string, ...args: readonly string[]): Promise<void> => {
  const { code, err } = await quoin(['build', ...args], { cwd })
  if (code !== 0) throw new Error(err)
}
export const json = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'))

/** A graph that asks nobody. */
export const doubles = (name: string, factor = 2): string => `import { graph, t } from 'quoin'
export default graph('${name}', { xs: t.tensor(t.f64, 'n') }, ({ xs }) => ({ sum: xs.mul(${factor}).sum() }))
`

interface Result {
  readonly message: { readonly text: string }
  readonly locations?: readonly {
    readonly physicalLocation: { artifactLocation: { uri: string }; region?: { startLine: number } }
  }[]
}
/** The results of a SARIF file, a line each: place, then what is said. */
export const told = (file: string): readonly string[] =>
  (json(file) as { readonly runs: readonly { readonly results: readonly Result[] }[] }).runs[0]!.results.map(
    ({ message, locations }) => {
      const place = locations?.[0]?.physicalLocation
      return `${place?.artifactLocation.uri}:${place?.region?.startLine ?? ''} ${message.text}`
    },
  )
