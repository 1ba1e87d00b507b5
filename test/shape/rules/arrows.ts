import type { Import, Module } from './imports.ts'

/**
 * Who may import whom. A room may always import itself; `type` imports of what is listed under `types` are free as
 * well, because nothing of them is left when the program runs.
 */
type Room = { readonly values: readonly string[]; readonly types?: readonly string[] }

/** The few modules of `graph` that travel with an artefact: what values, types, errors and effects look like. */
export const contracts = [
  'graph/elem.ts',
  'graph/types.ts',
  'graph/values.ts',
  'graph/sizes.ts',
  'graph/either.ts',
  'graph/errors.ts',
  'graph/effects.ts',
  'graph/transaction.ts',
]

/**
 * What generated code and its loader compute with besides: the meaning of pure ops, JSON, and the host's side of values.
 * None of it knows an op declaration or a codec.
 */
const meaning = [
  'graph/meaning',
  'graph/json-value.ts',
  'graph/empty-shapes.ts',
  'graph/http-url.ts',
  'graph/build/host.ts',
  'graph/elementary',
  'graph/numbers.ts',
  'graph/prims.ts',
  'graph/reduction.ts',
]

const entry = [
  'index.ts',
  'compile.ts',
  'interpret.ts',
  'engine.ts',
  'engine-thread.ts',
  'interpret-thread.ts',
  'reproduce.ts',
]
const library = [...entry, 'graph', 'passes', 'codegen', 'runtime', 'verify']

export const rooms: Readonly<Record<string, Room>> = {
  graph: { values: [] },
  passes: { values: ['graph'] },
  // Generated code is written for the runtime, so its types are known here, and nothing else of it.
  codegen: { values: ['graph'], types: ['runtime'] },
  // The runtime knows the artefact, but only what it looks like.
  runtime: { values: [...contracts, ...meaning], types: ['graph', 'codegen/artifact.ts'] },
  verify: { values: [...library, 'examples', 'test', 'bench'] },
  'index.ts': { values: library },
  'compile.ts': { values: library },
  'interpret.ts': { values: library },
  'engine.ts': { values: library },
  'engine-thread.ts': { values: library },
  'interpret-thread.ts': { values: library },
  'reproduce.ts': { values: library },
  cli: { values: [...library, 'examples'] },
  examples: { values: [...library, 'test/drivers/servers'] },
  docs: { values: library },
  bench: { values: [...library, 'examples', 'test/drivers/servers'] },
  // Nobody imports the command line, except tests that try it without a process of its own.
  test: { values: [...library, 'examples', 'bench', 'cli', 'docs'] },
}

/**
 * Checkers are trusted, so they share no code with what they judge: a pass may be wrong, its checker must not be. The
 * laws are no code of a pass but what both follow, and have their own evidence.
 */
const checkers = 'passes/check'
const checkersMayImport: Room = { values: ['graph', checkers, 'passes/laws'], types: ['passes/certificate.ts'] }

const within = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`)
const roomOf = (path: string): string | undefined => Object.keys(rooms).find((room) => within(path, room))
const targetOf = (path: string): string | undefined => /^codegen\/targets\/([^/]+)\//.exec(path)?.[1]

const permits = (room: Room, i: Import, file: string): boolean => {
  const places = i.kind === 'type' ? [...room.values, ...(room.types ?? [])] : room.values
  return places.some((place) => within(file, place))
}

const judge = (from: string, i: Import): string | undefined => {
  if (!('file' in i.target)) return undefined
  const to = i.target.file
  const room = roomOf(from)
  if (room === undefined) return undefined
  if (within(from, checkers)) {
    return permits(checkersMayImport, i, to) ? undefined : `${checkers} may import only graph, laws and itself`
  }
  const [a, b] = [targetOf(from), targetOf(to)]
  if (a !== undefined && b !== undefined && a !== b) return `the target ${a} may not know the target ${b}`
  if (within(to, room)) return undefined
  return permits(rooms[room]!, i, to) ? undefined : `${room} may not import this`
}

export const arrowViolations = (modules: readonly Module[]): readonly string[] =>
  modules.flatMap(({ path, imports }) =>
    imports.flatMap((i) => {
      const reason = judge(path, i)
      return reason === undefined || !('file' in i.target)
        ? []
        : [`${path}:${i.line} imports ${i.target.file}: ${reason}`]
    }),
  )

/** Files that lie in no room, for which the table above says nothing. */
export const homeless = (paths: readonly string[]): readonly string[] =>
  paths.filter((path) => roomOf(path) === undefined && !/^[a-z]+\.config\.ts$/.test(path))
