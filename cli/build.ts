import { dirname, join, resolve } from 'node:path'
import type { Compiled, CompileOptions } from '../compile.ts'
import type { Mode } from '../passes/index.ts'
import type { Present, Verdict } from './artifact/check.ts'
import { compareArtifact, readArtifact } from './artifact/check.ts'
import { directoryName } from './artifact/files.ts'
import { writeArtifact } from './artifact/write.ts'
import { relaxable } from './bindings.ts'
import { compileSource } from './compile.ts'
import { exit, Failure, failed } from './failure.ts'
import type { Interrupt } from './interrupt.ts'
import { loadGraph, near } from './load/index.ts'
import { err, errColors, out } from './output.ts'

export interface BuildOptions {
  readonly out?: string
  readonly target?: 'ts' | 'wasm'
  readonly check?: true
  readonly relax: readonly Mode[]
}

/** `quoin build`: compiles and writes the artefact as one step, or compares it with one that is there. */
export const build = async (graph: string, options: BuildOptions, interrupt: Interrupt): Promise<void> => {
  const source = await loadGraph(graph, interrupt, 'quoin build')
  const directory = join(
    options.out === undefined ? dirname(resolve(graph)) : resolve(options.out),
    directoryName(source.graph.name),
  )
  if (options.check === true) {
    const again = `quoin build ${graph}${options.out === undefined ? '' : ` --out ${options.out}`}`
    const present = await readArtifact(directory)
    if (present === undefined)
      throw failed(`there is no artefact ${near(directory)} to check`, `build it first: ${again}`)
    const compiled = await compileSource(source, asBuilt(present, options), interrupt)
    return report(
      compareArtifact(present, {
        ...compiled,
        program: compiled.effectProgram,
        sidecar: { name: '', sites: [] },
        failures: [],
      }),
      near(directory),
      again,
    )
  }
  const compiled = await compileSource(source, { target: options.target ?? 'wasm', relax: options.relax }, interrupt)
  for (const f of compiled.optimised.failures)
    await err(`${errColors().yellow('warning:')} pass ${f.pass} was dropped: ${f.cause}; the answer stays right`)
  const written = await writeArtifact(directory, compiled.files, interrupt.signal)
  await out(`${said[written]} ${near(directory)} (${contents(compiled)})`)
}
const said = { new: 'wrote', replaced: 'replaced', same: 'nothing to do:' } as const

const contents = ({ manifest, files }: Compiled): string => {
  const bytes = Object.values(files).reduce((n, f) => n + (typeof f === 'string' ? Buffer.byteLength(f) : f.length), 0)
  const calls = manifest.effects.length
  return [
    `${Object.keys(files).length} files, ${(bytes / 1024).toFixed(1)} KiB`,
    `${manifest.kernels.length} ${manifest.kernels.length === 1 ? 'kernel' : 'kernels'} as ${manifest.target === 'wasm' ? 'WebAssembly' : 'TypeScript'}`,
    `${calls} ${calls === 1 ? 'call' : 'calls'} to the outside`,
    `${manifest.inventory.length} assumptions`,
  ].join('; ')
}

/** A check asks whether the artefact is what would be built, so unless told otherwise it builds in the same way. */
export const asBuilt = (
  present: Present,
  { target, relax }: Pick<BuildOptions, 'target' | 'relax'>,
): CompileOptions => {
  const text = Buffer.from(present.get('manifest.json') ?? []).toString()
  return {
    target: target ?? (/^ {2}"target": "ts"/m.test(text) ? 'ts' : 'wasm'),
    relax: relax.length > 0 ? relax : relaxedIn(present),
  }
}
/** The modes of relaxed laws with which an artefact says that it was built. */
export const relaxedIn = (present: Present): readonly Mode[] => {
  const text = Buffer.from(present.get('manifest.json') ?? []).toString()
  const built = /^ {2}"relax": \[([^\]]*)\]/m.exec(text)?.[1] ?? ''
  return (Object.keys(relaxable) as Mode[]).filter((m) => built.includes(`"${m}"`))
}

const report = async ({ reasons, first, namesMoved }: Verdict, shown: string, again: string): Promise<void> => {
  if (reasons.length > 0 || first !== undefined)
    throw new Failure(
      exit.failed,
      [
        `${shown} is not what would be generated: ${reasons.join('; ')}`,
        ...(first === undefined
          ? []
          : [
              `  first difference: ${[`${shown}/${first.file}`, first.place].filter((s) => s !== undefined).join(', ')}`,
            ]),
        ...(first?.is === undefined ? [] : [`    is      ${first.is}`, `    should  ${first.should}`]),
        `  fix: ${again}`,
      ].join('\n'),
    )
  // Lines move whenever somebody adds a comment; a check that failed for that would soon be switched off.
  if (namesMoved)
    await err(
      `${errColors().yellow('note:')} names or source lines moved since ${shown}/names.json was written; no code is concerned`,
    )
  await out(`${shown} is up to date`)
}
