import { showType as show } from '../../../graph/types.ts'
import type { Json } from '../../../graph/values.ts'
import type { MemoryPlan } from '../../../runtime/kernels.ts'
import { overlaps, weightOf } from '../../program/overlap.ts'
import type { AheadStep, Block, Operand, Program, Step } from '../../program/types.ts'
import { waitsFor } from '../../program/types.ts'
import { levelsText } from './levels.ts'
import { Places } from './places.ts'
import { scoutText } from './scouts.ts'

/**
 * The TypeScript of an effect program: one function a block, one statement a step. Functions that wait are async, the
 * others are not; after the first error a block returns at once, so nothing runs but what `fork` has started. A block in
 * which something can happen while something else waits becomes a table of steps instead, which the support library
 * starts as soon as what they wait for is there.
 */
export const blocksText = (p: Program, digests: readonly string[], memory?: MemoryPlan): BlocksText => {
  const e = new Emitter(p, digests, memory)
  const functions = e.functions()
  const start = e.start()
  const names = e.hoisted.map((line) => /^const (\w+)/.exec(line)![1]!)
  return { shared: e.hoisted, names, functions, start }
}
/** Types, attributes and constants, which are the same in every run, with their names; and a function a block. */
export interface BlocksText {
  readonly shared: readonly string[]
  readonly names: readonly string[]
  readonly functions: readonly string[]
  /** What begins a run. */
  readonly start: string
}

/** Steps whose waiting is one expression. */
const chainable: ReadonlySet<string> = new Set(['effect', 'map', 'cond', 'match', 'fork', 'cached'])
/** Functions inside one another are as deep as there are steps that wait. */
const mostChained = 8

/** Attributes that hold a type, by op: they leave as a reference to the table of types. */
const typeAttributes: Readonly<Record<string, string>> = {
  const: 'type',
  none: 'of',
  inject: 'type',
  dbQuery: 'row',
  httpRequest: 'answer',
  kvGet: 'value',
  foreign: 'answer',
  decodeJson: 'to',
}

class Emitter {
  readonly hoisted: string[] = []
  readonly #program: Program
  readonly blocks: Program['blocks']
  readonly #digests: readonly string[]
  readonly #attrs = new Map<string, string>()
  /** Occurrences that some look ahead asks. */
  readonly #early = new Set<number>()
  readonly #places: Places
  /** Whether the block being written is a table, whose steps give their answers instead of defining names. */
  #table = false
  /** Whether what follows a step that waits is a function of its answer. */
  #chain = false
  constructor(program: Program, digests: readonly string[], memory: MemoryPlan | undefined) {
    this.#program = program
    this.blocks = program.blocks
    this.#digests = digests
    this.#places = new Places(memory)
    this.hoisted.push(
      `const T = [${program.types.map((t) => `q.type(${JSON.stringify(show(t))})`).join(', ')}] as const`,
    )
    for (const x of program.ahead?.queries ?? []) this.#early.add(x.occurrence)
    for (const b of program.blocks)
      for (const s of b.steps) for (const x of s.ahead?.queries ?? []) this.#early.add(x.occurrence)
  }

  /** Each block by its name; those of a transaction again in a function that hands them the support of its session. */
  functions(): readonly string[] {
    const { blocks, main, ahead } = this.#program
    const write = (i: number): string => this.#block(blocks[i]!, i)
    const scouts = (a: AheadStep | undefined): readonly number[] =>
      a === undefined || this.levels(a) !== undefined ? [] : [a.scout]
    const top = reached(blocks, [main, ...scouts(ahead)], scouts)
    const bodies = new Set(
      top.flatMap((i) => blocks[i]!.steps.flatMap((s) => (s.kind === 'transaction' ? s.blocks : []))),
    )
    const sessions = [...bodies].map((body) => {
      const inside = reached(blocks, [body], scouts).map((i) => `  ${write(i).replaceAll('\n', '\n  ')}`)
      return [`const t${body} = (q: Support) => {`, ...inside, `  return b${body}`, '}'].join('\n')
    })
    return [...top.map(write), ...sessions]
  }

  #block(b: Block, index: number): string {
    if (b.scout === true) return scoutText(b, index, this)
    this.#places.enter(index)
    this.#table = overlaps(this.#program, b)
    if (this.#table) return this.#scheduled(b, index)
    if (b.waits && this.#goesOn(b)) return this.#chained(b, index)
    const head = b.waits
      ? `const b${index} = async (p: readonly Value[], at: Iteration, ready?: Ready): Promise<Answer> => {`
      : `const b${index} = (p: readonly Value[], at: Iteration): Answer => {`
    const steps = b.steps.map((s, k) => this.#places.around(k, this.#step(s, k)))
    const lines = [...steps, `return q.right(${this.#operand(b.result)})`]
    return [head, ...this.#places.inside(lines).map((s) => `  ${s.replaceAll('\n', '\n  ')}`), '}'].join('\n')
  }

  /** Whether each step that waits is one expression, and there are few of them, so that what comes after can be a function. */
  #goesOn(b: Block): boolean {
    const waiting = b.steps.filter((s) => weightOf(this.#program, s) === 'waits')
    return waiting.length <= mostChained && waiting.every((s) => chainable.has(s.kind)) && !this.#places.any
  }
  /**
   * A block that waits only where it has to: what follows a step that may wait is a function, called at once when the
   * answer is there. Most elements of a batched map find theirs, and a promise each would cost more than they do.
   */
  #chained(b: Block, index: number): string {
    this.#chain = true
    const lines: string[] = []
    let depth = 0
    for (const [k, s] of b.steps.entries()) {
      const pad = '  '.repeat(depth + 1)
      const put = (text: string): void => void lines.push(`${pad}${text.replaceAll('\n', `\n${pad}`)}`)
      if (weightOf(this.#program, s) !== 'waits') {
        put(this.#step(s, k))
        continue
      }
      put(this.#step(s, k))
      put(`return q.after(r${k}, (w${k}): Promise<Answer> | Answer => {`)
      put(`  if (w${k}._tag === 'Left') return w${k}\n  const v${k}: Value = w${k}.right`)
      depth++
    }
    lines.push(`${'  '.repeat(depth + 1)}return q.right(${this.#operand(b.result)})`)
    for (; depth > 0; depth--) lines.push(`${'  '.repeat(depth)}})`)
    this.#chain = false
    return [
      `const b${index} = (p: readonly Value[], at: Iteration, ready?: Ready): Promise<Answer> | Answer => {`,
      ...lines,
      '}',
    ].join('\n')
  }

  #scheduled(b: Block, index: number): string {
    const tasks = b.steps.map((s, k) => {
      const weight = weightOf(this.#program, s)
      const flag = weight === 'waits' ? ' waits: true,' : weight === 'heavy' ? ' heavy: true,' : ''
      const text = this.#places.alone(k, this.#step(s, k)).replaceAll('\n', '\n    ')
      const waits = weight === 'waits' && !chainable.has(s.kind) ? 'async ' : ''
      return `  { after: ${JSON.stringify(waitsFor(s))},${flag} run: ${waits}(p, at, v, ready) => {\n    ${text}\n  } },`
    })
    return [`const b${index} = q.scheduled([`, ...tasks, `], (p, v) => ${this.#operand(b.result)})`].join('\n')
  }

  #operand(o: Operand): string {
    switch (o.at) {
      case 'step':
        return this.#table ? `v[${o.index}]!` : `v${o.index}`
      case 'param':
        return `p[${o.index}]!`
      case 'input':
        return `input[${JSON.stringify(o.name)}]!`
      case 'absent':
        return `q.absent(T[${o.type}])`
    }
  }
  #args(s: Step): string {
    return `[${s.args.map((a) => this.#operand(a)).join(', ')}]`
  }
  types(ids: readonly number[]): string {
    if (ids.length === 0) return '[]'
    const text = `[${ids.map((t) => `T[${t}]`).join(', ')}]`
    const known = this.#attrs.get(text)
    if (known !== undefined) return known
    const name = `T${ids.join('_')}`
    this.#attrs.set(text, name)
    this.hoisted.push(`const ${name} = ${text} as const`)
    return name
  }

  /** Hoists attributes to one constant each, however often they occur. */
  attributes(op: string, attrs: Json): string {
    const held = typeAttributes[op]
    const fields = Object.entries(attrs as Record<string, Json>).map(
      ([k, v]) => `${JSON.stringify(k)}: ${k === held ? `q.type(${JSON.stringify(v)})` : JSON.stringify(v)}`,
    )
    const text = `{ ${fields.join(', ')} }`
    if (fields.length === 0) return '{}'
    const known = this.#attrs.get(text)
    if (known !== undefined) return known
    const name = `a${this.#attrs.size}`
    this.#attrs.set(text, name)
    this.hoisted.push(`const ${name} = ${text} as const`)
    return name
  }

  #step(s: Step, k: number): string {
    const value = (text: string): string => (this.#table ? `return q.right(${text})` : `const v${k}: Value = ${text}`)
    /** Runs something that answers, and leaves the block if it failed. */
    const answer = (text: string, waits = false): string =>
      this.#table
        ? `return ${text}`
        : this.#chain && waits
          ? `const r${k}: Promise<Answer> | Answer = ${text}`
          : `const r${k} = ${text}\nif (r${k}._tag === 'Left') return r${k}\nconst v${k}: Value = r${k}.right`
    const attrs = (): string => this.attributes(s.op, s.attrs)
    // A step of a table answers with a promise, or at once with what is known; what waits for it waits there.
    const direct = this.#chain || (this.#table && chainable.has(s.kind))
    const wait = (i: number): string => (this.#waits(s.blocks[i]!) && !direct ? 'await ' : '')
    const waits = s.blocks.some((i) => this.#waits(i))
    const pause = direct ? '' : 'await '
    const ready = (i: number): string => (this.#waits(s.blocks[i]!) ? ', ready' : '')
    const rest = `[${s.args
      .slice(1)
      .map((a) => this.#operand(a))
      .join(', ')}]`
    switch (s.kind) {
      case 'host':
        if (s.op === 'field' || s.op === 'record') return value(this.#moved(s))
        return s.op === 'const'
          ? value(this.constant(s))
          : value(
              `q.${s.static === undefined ? 'host(' : `linked(${JSON.stringify(s.static)}, `}${JSON.stringify(s.op)}, ${attrs()}, ${this.#args(s)}, ${this.types(s.argTypes)}, T[${s.type}])`,
            )
      case 'kernel':
        return answer(
          this.#places.call(
            s,
            k,
            s.args.map((a) => this.#operand(a)),
          ),
        )
      case 'effect': {
        const early = this.#early.has((s.attrs as { occurrence: number }).occurrence)
        const call = `${JSON.stringify(s.op)}, ${attrs()}, ${this.#args(s)}, ${this.types(s.argTypes)}, at`
        const ask = `${pause}q.perform(${call})`
        return answer(early ? `q.known(ready, ${call}) ?? ${ask}` : ask, true)
      }
      case 'assert':
        return answer(`q.assert(${attrs()}, ${this.#args(s)}, at)`)
      case 'decode':
        return answer(`q.decode(${attrs()}, T[${s.type}], ${this.#operand(s.args[0]!)}, at)`)
      case 'sequence':
        return value(this.#operand(s.args[1]!))
      case 'map':
        return answer(this.#map(s, pause), waits)
      case 'cond': {
        const call = (i: number): string => `${wait(i)}b${s.blocks[i]}(${rest}, at${ready(i)})`
        return answer(`${this.#operand(s.args[0]!)} === true ? ${call(0)} : ${call(1)}`, waits)
      }
      case 'match': {
        const cases = s.blocks.map(
          (b, i) => `o${k}.index === ${i} ? ${wait(i)}b${b}([o${k}.value, ...${rest}], at${ready(i)})`,
        )
        const last = s.blocks.length - 1
        const text = [
          ...cases.slice(0, -1),
          `${wait(last)}b${s.blocks[last]}([o${k}.value, ...${rest}], at${ready(last)})`,
        ].join(' : ')
        return `const o${k} = q.open(T[${s.argTypes[0]}], ${this.#operand(s.args[0]!)})\n${answer(text, waits)}`
      }
      case 'loop':
        return this.#loop(s, k, rest, value)
      case 'fork': {
        const { fields } = s.attrs as { fields: readonly string[] }
        const branches = s.blocks.map((b, i) => `() => b${b}(${this.#args(s)}, at${ready(i)})`).join(', ')
        return answer(`${waits ? `${pause}q.fork` : 'q.forkSync'}(${JSON.stringify(fields)}, [${branches}])`, waits)
      }
      case 'attempt':
        return answer(`q.attempted(${wait(0)}b${s.blocks[0]}(${this.#args(s)}, at${ready(0)}))`)
      case 'transaction':
        return answer(`await q.transaction(${attrs()}, ${this.#args(s)}, at, t${s.blocks[0]})`)
      case 'cached': {
        if (!this.#program.blocks[s.blocks[0]!]!.waits) return answer(`b${s.blocks[0]}(${rest}, at)`)
        // What is remembered is asked by itself, so that it does not depend on who asked first.
        const { ttlMs } = s.attrs as { ttlMs: number }
        const inside = JSON.stringify(this.#occurrences(s.blocks[0]!))
        return answer(
          `${pause}q.cached(${JSON.stringify(this.#digests[s.blocks[0]!])}, ${ttlMs}, ${inside}, ${this.types(s.argTypes)}, ${this.#args(s)}, () => b${s.blocks[0]}(${rest}, at))`,
          true,
        )
      }
    }
  }

  /** Fields and records as JavaScript has them; in brackets, so that no name means anything else. */
  #moved(s: Step): string {
    const args = s.args.map((a) => this.#operand(a))
    if (s.op === 'field')
      return `(${args[0]} as Readonly<Record<string, Value>>)[${JSON.stringify((s.attrs as { name: string }).name)}]!`
    const { fields } = s.attrs as { fields: readonly string[] }
    return `{ ${fields.map((f, i) => `[${JSON.stringify(f)}]: ${args[i]}`).join(', ')} }`
  }
  constant(s: Step): string {
    return this.#hoist(`q.host('const', ${this.attributes('const', s.attrs)}, [], [], T[${s.type}])`)
  }
  /** A name for what is the same in every run. */
  #hoist(text: string): string {
    const known = this.#attrs.get(text)
    if (known !== undefined) return known
    const name = `c${this.#attrs.size}`
    this.#attrs.set(text, name)
    this.hoisted.push(`const ${name} = ${text}`)
    return name
  }

  #map(s: Step, pause: string): string {
    const { fork } = s.attrs as { fork?: boolean }
    const apart = s.op === 'forkMap' || fork === true
    const body = s.blocks[0]!
    const b = this.#program.blocks[body]!
    const shared = `T[${b.params[0]}], T[${b.resultType}], ${this.#args(s)}, at`
    if (!b.waits) return `q.map(b${body}, ${apart}, ${shared})`
    return `${pause}q.mapWaiting(b${body}, ${this.#ahead(s.ahead)}, ${apart}, ${s.inOrder === true}, ${shared}, ready)`
  }
  /** The call that begins everything. */
  start(): string {
    const { main, ahead } = this.#program
    return ahead === undefined ? `Promise.resolve(b${main}([], []))` : `q.start(b${main}, ${this.#ahead(ahead)})`
  }
  #ahead(ahead: AheadStep | undefined): string {
    if (ahead === undefined) return 'undefined'
    const queries = ahead.queries.map(({ occurrence, level, plan: given, derived }) => {
      // Its place, and what is derived from it, are said beside it.
      const { occurrence: _, derived: __, ...plan } = given as Readonly<Record<string, Json>>
      const from =
        derived === undefined
          ? ''
          : `, derived: { parent: ${derived.parent}, columns: ${JSON.stringify(derived.columns)}, attrs: ${this.attributes('dbQuery', derived.attrs)}, types: ${this.types(derived.argTypes)} }`
      return `[${occurrence}, { level: ${level}, plan: ${JSON.stringify(plan)}${from} }]`
    })
    const levels = this.levels(ahead)
    const look = levels === undefined ? `scout: b${ahead.scout}` : `levels: (p: readonly Value[]) => ${levels}`
    return `{ ${look}, queries: ${this.#hoist(`new Map<number, AheadQueryCode>([${queries.join(', ')}])`)} }`
  }
  /** The table that a look ahead is, if it is one. */
  levels(ahead: AheadStep): string | undefined {
    if (!this.#levels.has(ahead)) this.#levels.set(ahead, levelsText(ahead, this, ahead !== this.#program.ahead))
    return this.#levels.get(ahead)
  }
  readonly #levels = new Map<AheadStep, string | undefined>()
  #waits(block: number): boolean {
    return this.#program.blocks[block]!.waits
  }

  #loop(s: Step, k: number, rest: string, value: (text: string) => string): string {
    const { max } = s.attrs as { max: number }
    const call = (i: number): string =>
      `${this.#waits(s.blocks[i]!) ? 'await ' : ''}b${s.blocks[i]}([s${k}, ...${rest}], [...at, i]${this.#waits(s.blocks[i]!) ? ', ready' : ''})`
    return [
      `let s${k}: Value = ${this.#operand(s.args[0]!)}`,
      `for (let i = 0; i < ${max}; i++) {`,
      '  q.turn()',
      `  const go: Answer = ${call(0)}`,
      "  if (go._tag === 'Left') return go",
      '  if (go.right !== true) break',
      `  const next: Answer = ${call(1)}`,
      "  if (next._tag === 'Left') return next",
      `  s${k} = next.right`,
      '}',
      value(`s${k}`),
    ].join('\n')
  }

  /** Every effect inside a block, at any depth: what a cached body was read from. */
  #occurrences(block: number): readonly number[] {
    const b = this.#program.blocks[block]!
    return b.steps.flatMap((s) => [
      ...(s.kind === 'effect' ? [(s.attrs as { occurrence: number }).occurrence] : []),
      ...s.blocks.flatMap((x) => this.#occurrences(x)),
    ])
  }
}

/** The blocks that these come to, themselves included and bodies of transactions not, in order. */
const reached = (
  blocks: Program['blocks'],
  from: readonly number[],
  scouts: (a: AheadStep | undefined) => readonly number[],
): readonly number[] => {
  const found = new Set(from)
  for (const i of found) {
    for (const s of blocks[i]!.steps) {
      for (const b of scouts(s.ahead)) found.add(b)
      if (s.kind !== 'transaction') for (const b of s.blocks) found.add(b)
    }
  }
  return [...found].sort((a, b) => a - b)
}
