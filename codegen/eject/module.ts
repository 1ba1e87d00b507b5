import type { Arena, NodeId } from '../../graph/arena.ts'
import type { Kernel } from '../kernels/index.ts'
import type { Block, Operand, Program, Step } from '../program/types.ts'
import { data, written } from './literal.ts'
import { Names } from './names.ts'
import type { Asked } from './outside.ts'
import { asked, questionsText } from './outside.ts'
import { attributesOf, meantBy, plainLiteral, stepNames } from './steps.ts'
import { typeMakers, typeText } from './types.ts'

/** What the text of a module is written from. */
export interface Ejected {
  readonly program: Program
  readonly kernels: readonly Kernel[]
  readonly arena: Arena
  /** Bodies of the kernels in the graph, for comments. */
  readonly bodies: readonly NodeId[]
  readonly site: (occurrence: number) => { readonly name: string; readonly place: string }
}

/** Functions of the parts, by what calls them. */
const parts = [
  'ask',
  'attempted',
  'branches',
  'checked',
  'computed',
  'decoded',
  'each',
  'eachAtOnce',
  'eachInTurn',
  'fieldOf',
  'given',
  'transact',
] as const
type Part = (typeof parts)[number]

/**
 * The functions of an ejected module: one a block of the effect program, a statement a step. It does what the program says in
 * the order in which it says it; nothing is asked early or together.
 */
export class Writer {
  readonly #e: Ejected
  /** Names of the module, given out before any that stands inside a function. */
  readonly names: Names
  readonly asked: readonly Asked[]
  readonly #blockNames = new Map<number, string>()
  readonly #params = new Map<number, readonly string[]>()
  readonly #functions: string[] = []
  readonly #types = new Map<number, string>()
  readonly #literals = new Map<string, string>()
  readonly #imports = new Map<string, Set<string>>()
  /** Blocks inside a transaction, where there is one connection. */
  readonly #alone = new Set<number>()

  constructor(e: Ejected) {
    this.#e = e
    this.names = new Names([...parts, ...typeMakers, 'open', 'filler', 'literal', 'callOf', 'left', 'right', 'asked'])
    for (const b of e.program.blocks)
      for (const s of b.steps) if (s.kind === 'host' && s.op !== 'const') this.names.take(meantBy(s.op).name, 'meaning')
    this.names.take('Run', 'Run')
    for (const k of e.kernels) this.names.take(k.descriptor.name, 'kernel')
    this.asked = asked(e, new Names())
  }

  use(file: string, name: string): string {
    const known = this.#imports.get(file) ?? new Set()
    this.#imports.set(file, known.add(name))
    return name
  }
  #part(name: Part): string {
    return this.use('codegen/eject/parts.ts', name)
  }
  type(index: number): string {
    const known = this.#types.get(index)
    if (known !== undefined) return known
    const name = `T${index}`
    this.#types.set(index, name)
    return name
  }

  /** All functions; the one of the main block has the name given. */
  functions(main: string): readonly string[] {
    const { program } = this.#e
    this.#blockNames.set(program.main, main)
    this.#params.set(program.main, [])
    const open = [program.main]
    const seen = new Set(open)
    for (let i = 0; i < open.length; i++) {
      const block = open[i]!
      this.#functions.push(this.#block(block))
      for (const s of program.blocks[block]!.steps)
        for (const b of s.blocks) {
          if (!seen.has(b)) open.push(b)
          seen.add(b)
        }
    }
    return this.#functions
  }
  /** Constants that the functions speak of: kernels, questions, types and literals, in the order in which they must stand. */
  constants(): readonly string[] {
    const { program, kernels } = this.#e
    const questions = this.asked.length === 0 ? [] : [questionsText(this.asked, (t) => this.type(t))]
    const types = [...this.#types].sort(([a], [b]) => a - b)
    const typeLines = types.map(([i, name]) => `const ${name}: Type = ${this.#madeOf(typeText(program.types[i]!))}`)
    const literals = [...this.#literals].map(([text, name]) => `const ${name} = ${text}`)
    const bound = kernels.map(({ descriptor: d }) => {
      const { divided: _, ...shape } = d
      this.use('runtime/kernels/ts.ts', 'callOf')
      this.use('kernels.ts', d.name)
      return `const compute${d.name.toUpperCase()} = callOf(\n  ${written(data(shape), '  ')},\n  ${d.name} as never,\n  Number.POSITIVE_INFINITY,\n)`
    })
    return [...typeLines, ...literals, ...bound, ...questions]
  }
  #madeOf(text: string): string {
    for (const m of typeMakers) if (text.includes(`${m}(`)) this.use('graph/types.ts', m)
    return text
  }
  /** The imports so far, for whoever puts the module together. */
  imports(): readonly string[] {
    return [...this.#imports].map(([file, names]) => `import { ${[...names].sort().join(', ')} } from '${file}'`)
  }

  #block(index: number): string {
    const b = this.#e.program.blocks[index]!
    const params = this.#params.get(index)!
    const scope = this.names.inner()
    const own = params.map((p) => scope.take(p, 'value'))
    const given = own.map((p) => `${p}: Value`)
    const head = `${b.waits ? 'async ' : ''}function ${this.#blockNames.get(index)}(${['run: Run', ...given, 'place: At'].join(', ')}): ${b.waits ? 'Promise<Answer>' : 'Answer'} {`
    const body = new BlockWriter(this, this.#e, b, own, scope, this.#alone.has(index))
    return [head, ...body.lines().map((l) => `  ${l.replaceAll('\n', '\n  ')}`), '}'].join('\n')
  }
  /** The name of a block that a step calls; the first to call it also says what its parameters are called. */
  callee(index: number, text: string, params: readonly string[], alone: boolean): string {
    const known = this.#blockNames.get(index)
    if (alone) this.#alone.add(index)
    if (known !== undefined) return known
    const name = this.names.take(text, 'part')
    this.#blockNames.set(index, name)
    this.#params.set(index, params)
    return name
  }
  part(name: Part): string {
    return this.#part(name)
  }
  literal(text: string): string {
    const known = this.#literals.get(text)
    if (known !== undefined) return known
    const name = this.names.take('literal', 'literal')
    this.#literals.set(text, name)
    return name
  }
}

class BlockWriter {
  readonly #w: Writer
  readonly #e: Ejected
  readonly #block: Block
  readonly #params: readonly string[]
  readonly #scope: Names
  readonly #wanted: readonly string[]
  readonly #alone: boolean
  /** The text by which each step's value is spoken of. */
  readonly #values: string[] = []
  constructor(w: Writer, e: Ejected, block: Block, params: readonly string[], scope: Names, alone: boolean) {
    this.#w = w
    this.#e = e
    this.#block = block
    this.#params = params
    this.#scope = scope
    this.#alone = alone
    this.#wanted = stepNames(block.steps, (o) => e.site(o).name)
  }

  lines(): readonly string[] {
    const lines = this.#block.steps.flatMap((s, k) => this.#step(s, k))
    this.#w.use('graph/either.ts', 'right')
    return [...lines, `return right(${this.#operand(this.#block.result)})`]
  }

  #operand(o: Operand): string {
    switch (o.at) {
      case 'step':
        return this.#values[o.index]!
      case 'param':
        return this.#params[o.index]!
      case 'input':
        return `run.input[${JSON.stringify(o.name)}]!`
      case 'absent':
        return `${this.#w.use('graph/values.ts', 'filler')}(${this.#w.type(o.type)})`
    }
  }
  #args(s: Step): readonly string[] {
    return s.args.map((a) => this.#operand(a))
  }
  #define(k: number, text: string): string {
    const name = this.#scope.take(this.#wanted[k]!, 'value')
    this.#values[k] = name
    return `const ${name}: Value = ${text}`
  }
  /** Something that answers; the block is left when it failed. */
  #answered(k: number, text: string): readonly string[] {
    const name = this.#scope.take(this.#wanted[k]!, 'value')
    const answer = this.#scope.take(`${name}Answer`, 'answer')
    this.#values[k] = name
    return [
      `const ${answer} = ${text}`,
      `if (${answer}._tag === 'Left') return ${answer}`,
      `const ${name} = ${answer}.right`,
    ]
  }
  /** A call of a block; it is waited for where it waits. */
  #call(
    block: number,
    suffix: string,
    k: number,
    args: readonly string[],
    names: readonly string[],
    at = 'place',
  ): string {
    const name = this.#w.callee(block, `${this.#wanted[k]}${suffix}`, names, this.#alone)
    return `${this.#waits(block) ? 'await ' : ''}${name}(${['run', ...args, at].join(', ')})`
  }
  #waits(block: number): boolean {
    return this.#e.program.blocks[block]!.waits
  }
  /** Names for what is captured: what it is called here, if that is a name. */
  #captured(args: readonly string[]): readonly string[] {
    return args.map(
      (a) => /^run\.input\["(.*)"\]!$/.exec(a)?.[1] ?? (/^[\p{ID_Start}_][\p{ID_Continue}]*$/u.test(a) ? a : 'value'),
    )
  }

  #step(s: Step, k: number): readonly string[] {
    const args = this.#args(s)
    const rest = args.slice(1)
    const more = this.#captured(rest)
    switch (s.kind) {
      case 'host':
        return this.#host(s, k, args)
      case 'kernel':
        return this.#answered(k, `${this.#w.part('computed')}(computeK${s.kernel}([${args.join(', ')}]))`)
      case 'effect': {
        const { occurrence } = s.attrs as { readonly occurrence: number }
        const { name } = this.#w.asked.find((q) => q.occurrence === occurrence)!
        const ask = `${this.#w.part('ask')}(asked.${name}, [${args.join(', ')}], place, (args) => run.outside.${name}(args, place))`
        return this.#answered(k, `await ${ask}`)
      }
      case 'assert': {
        const { occurrence, message } = s.attrs as { readonly occurrence: number; readonly message: string }
        return this.#answered(
          k,
          `${this.#w.part('checked')}(${this.#spot(occurrence)}, ${JSON.stringify(message)}, [${args.join(', ')}], place)`,
        )
      }
      case 'decode': {
        const { occurrence } = s.attrs as { readonly occurrence: number }
        return this.#answered(
          k,
          `${this.#w.part('decoded')}(${this.#spot(occurrence)}, ${this.#w.type(s.type)}, ${args[0]}, place)`,
        )
      }
      case 'sequence':
        this.#values[k] = args[1]!
        return []
      case 'map':
        return this.#map(s, k, args[0]!, rest, more)
      case 'cond': {
        const [yes, no] = s.blocks.map((b, i) => this.#call(b, i === 0 ? 'If' : 'Else', k, rest, more))
        return this.#answered(k, `${args[0]} === true ? ${yes} : ${no}`)
      }
      case 'match': {
        const found = this.#scope.take(`${this.#wanted[k]}Case`, 'found')
        const calls = s.blocks.map((b, i) => {
          const call = this.#call(b, `When${i}`, k, [`${found}.value`, ...rest], ['held', ...more])
          return i + 1 < s.blocks.length ? `${found}.index === ${i} ? ${call} : ` : call
        })
        const open = `${this.#w.use('graph/meaning/structure.ts', 'open')}(${this.#w.type(s.argTypes[0]!)}, ${args[0]})`
        return [`const ${found} = ${open}`, ...this.#answered(k, calls.join(''))]
      }
      case 'loop':
        return this.#loop(s, k, args[0]!, rest, more)
      case 'fork': {
        const { fields } = s.attrs as { readonly fields: readonly string[] }
        const calls = s.blocks.map((b, i) => this.#call(b, `_${fields[i]}`, k, args, this.#captured(args)))
        const together = !this.#alone && s.blocks.some((b) => this.#waits(b))
        const list = `[${calls.map((c) => (together ? c.replace(/^await /, '') : c)).join(', ')}]`
        const answers = together ? `await Promise.all(${list})` : list
        return this.#answered(k, `${this.#w.part('branches')}(${JSON.stringify(fields)}, ${answers})`)
      }
      case 'cached':
        return this.#answered(k, this.#call(s.blocks[0]!, 'Fresh', k, rest, more))
      case 'attempt':
        return this.#answered(
          k,
          `${this.#w.part('attempted')}(${this.#call(s.blocks[0]!, 'Try', k, args, this.#captured(args))})`,
        )
      case 'transaction':
        return this.#transaction(s, k, args)
    }
  }

  #host(s: Step, k: number, args: readonly string[]): readonly string[] {
    if (s.op === 'field') {
      const { name } = s.attrs as { readonly name: string }
      return [this.#define(k, `${this.#w.part('fieldOf')}(${args[0]}, ${JSON.stringify(name)})`)]
    }
    if (s.op === 'record') {
      const { fields } = s.attrs as { readonly fields: readonly string[] }
      const parts = fields.map((f, i) => (f === args[i] ? f : `[${JSON.stringify(f)}]: ${args[i]}`))
      return [this.#define(k, `{ ${parts.join(', ')} }`)]
    }
    if (s.op === 'const') {
      const plain = plainLiteral(s)
      if (plain === undefined) {
        const { value } = s.attrs as { readonly value: unknown }
        const T = this.#w.type(s.type)
        this.#w.use('graph/meaning/table.ts', 'literal')
        this.#values[k] = this.#w.literal(`literal({ type: ${T}, value: ${JSON.stringify(value)} }, [], [], ${T})`)
      } else this.#values[k] = plain
      return []
    }
    const { file, name, text } = meantBy(s.op)
    this.#w.use(file, name)
    const types = s.argTypes.map((t) => this.#w.type(t)).join(', ')
    return [this.#define(k, `${text}(${attributesOf(s)}, [${args.join(', ')}], [${types}], ${this.#w.type(s.type)})`)]
  }

  #map(s: Step, k: number, list: string, rest: readonly string[], more: readonly string[]): readonly string[] {
    const body = s.blocks[0]!
    const b = this.#e.program.blocks[body]!
    const apart = s.op === 'forkMap' || (s.attrs as { readonly fork?: boolean }).fork === true
    const name = this.#w.callee(body, `${this.#wanted[k]}Row`, ['row', ...more], this.#alone)
    const how = !b.waits ? 'each' : apart && s.inOrder !== true && !this.#alone ? 'eachAtOnce' : 'eachInTurn'
    const mapping = `{ from: ${this.#w.type(b.params[0]!)}, to: ${this.#w.type(b.resultType)}, apart: ${apart} }`
    // The element and its place are arguments, and may hide what is captured under the same name.
    const scope = this.#scope.inner()
    const [row, place] = [scope.take('row', 'row'), scope.take('place', 'place')]
    const call = `(${row}, ${place}) => ${name}(${['run', row, ...rest, place].join(', ')})`
    const text = `${this.#w.part(how)}(${mapping}, ${list}, place, ${call})`
    return this.#answered(k, b.waits ? `await ${text}` : text)
  }

  #loop(s: Step, k: number, start: string, rest: readonly string[], more: readonly string[]): readonly string[] {
    const { max } = s.attrs as { readonly max: number }
    const state = this.#scope.take(this.#wanted[k]!, 'state')
    this.#values[k] = state
    const scope = this.#scope.inner()
    const [i, go, next] = [scope.take('i', 'i'), scope.take('goOn', 'goOn'), scope.take('next', 'next')]
    const call = (block: number, suffix: string): string =>
      this.#call(block, suffix, k, [state, ...rest], ['state', ...more], `[...place, ${i}]`)
    return [
      `let ${state}: Value = ${start}`,
      `for (let ${i} = 0; ${i} < ${max}; ${i}++) {`,
      `  const ${go}: Answer = ${call(s.blocks[0]!, 'GoesOn')}`,
      `  if (${go}._tag === 'Left') return ${go}`,
      `  if (${go}.right !== true) break`,
      `  const ${next}: Answer = ${call(s.blocks[1]!, 'Step')}`,
      `  if (${next}._tag === 'Left') return ${next}`,
      `  ${state} = ${next}.right`,
      '}',
    ]
  }

  #transaction(s: Step, k: number, args: readonly string[]): readonly string[] {
    const a = s.attrs as { occurrence: number; db: string; isolation: string; retries: number; authority: boolean }
    const captures = a.authority ? args.slice(1) : args
    const body = s.blocks[0]!
    const name = this.#w.callee(body, `${this.#wanted[k]}Inside`, this.#captured(captures), true)
    const spot = `{ occurrence: ${a.occurrence}, node: ${JSON.stringify(`transaction of '${a.db}'`)}, place: ${JSON.stringify(this.#e.site(a.occurrence).place)}`
    const what = `${spot}, db: ${JSON.stringify(a.db)}, isolation: '${a.isolation}', authority: ${a.authority ? args[0] : 'undefined'}, retries: ${a.retries} }`
    const inside = this.#scope.inner().take('outside', 'inside')
    const call = `(${inside}: Outside) => ${name}(${[inside === 'outside' ? '{ ...run, outside }' : `{ ...run, outside: ${inside} }`, ...captures, 'place'].join(', ')})`
    return this.#answered(k, `await ${this.#w.part('transact')}(${what}, place, run.outside.transaction, ${call})`)
  }
  #spot(occurrence: number): string {
    const { name, place } = this.#e.site(occurrence)
    return `{ occurrence: ${occurrence}, node: ${JSON.stringify(name)}, place: ${JSON.stringify(place)} }`
  }
}
