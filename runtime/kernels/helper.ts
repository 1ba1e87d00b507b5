/** A program as a helping thread gets it: its module, the memory it shares, and its kernels by number. */
export interface Program {
  readonly id: number
  readonly module: object
  readonly memory: object
  readonly kernels: readonly {
    readonly name: string
    readonly own: readonly (readonly [param: number, at: number])[]
  }[]
  /** Bytes of scratch of its own that each helper has, from the beginning of the memory. */
  readonly scratch: number
}
export type ToHelper = { readonly program: Program } | { readonly forget: number }

/** Cells of the memory through which work is handed out: what each is for. */
export const cells = {
  /**
   * In the low 16 bits the parts that nobody has taken; the others are done or being done. Above them how many helpers may
   * take part, so that who takes one has looked at both.
   */
  left: 0,
  done: 1,
  failed: 2,
  program: 3,
  kernel: 4,
  parts: 5,
  count: 6,
  params: 7,
} as const
/** Most parameters of a kernel that is handed out. */
export const mostParams = 1000
/** Most helpers; each has a cell that is counted up to wake it. */
export const mostHelpers = 63
export const wakeAt: number = cells.params + mostParams
export const controlBytes: number = 4 * (wakeAt + mostHelpers)

export interface HelperData {
  readonly control: Int32Array
  readonly port: object
  readonly number: number
  readonly at: typeof cells
  readonly wakeAt: number
  readonly imported: { readonly module: string; readonly memory: string }
  /** How often it looks for work before it sleeps. */
  readonly spins: number
}
interface Outside {
  readonly workerData: HelperData
  readonly parentPort: { postMessage(m: unknown): void } | null
  readonly receiveMessageOnPort: (port: object) => { readonly message: ToHelper } | undefined
}

/**
 * What a helping thread does, for ever. Its text is handed to the thread as it stands here, so it may use nothing of this
 * module but types.
 *
 * Taking a part is one step, counting `left` down. Whoever has taken one keeps its call from ending, so only then are the
 * parameters read: they are those of this call, however long ago the helper last looked.
 */
export const helper = ({ workerData, parentPort, receiveMessageOnPort }: Outside): void => {
  const { control, port, number, at, wakeAt, imported, spins } = workerData
  const { WebAssembly } = globalThis as unknown as {
    readonly WebAssembly: { readonly Instance: new (module: object, imports: object) => { readonly exports: object } }
  }
  type Functions = Readonly<Record<string, (...args: number[]) => void>>
  const programs = new Map<number, { readonly program: Program; functions: Functions | null | undefined }>()
  const listen = (): void => {
    for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) {
      const m = got.message
      if ('forget' in m) programs.delete(m.forget)
      else programs.set(m.program.id, { program: m.program, functions: undefined })
    }
  }
  /** A program, ready to run; null if it cannot be made here. */
  const find = (id: number): { readonly program: Program; readonly functions: Functions } | null => {
    listen()
    const known = programs.get(id)
    if (known === undefined) return null
    const { program } = known
    if (known.functions === undefined)
      try {
        const { exports } = new WebAssembly.Instance(program.module, {
          [imported.module]: { [imported.memory]: program.memory },
        })
        known.functions = exports as Functions
      } catch {
        known.functions = null
      }
    return known.functions === null ? null : { program, functions: known.functions }
  }
  const work = (part: number): void => {
    const { program, functions } = find(control[at.program]!)!
    const { name, own } = program.kernels[control[at.kernel]!]!
    const params = Array.from(control.subarray(at.params, at.params + control[at.count]!))
    for (const [param, offset] of own) params[param] = number * program.scratch + offset
    functions[name]!(...params, part, control[at.parts]!)
  }
  /** Tries to take a part of what there is; true if there may be more. */
  const take = (): boolean => {
    const seen = Atomics.load(control, at.left)
    const left = seen & 0xffff
    if (left === 0 || number >= seen >>> 16 || find(Atomics.load(control, at.program)) === null) return false
    if (Atomics.compareExchange(control, at.left, seen, seen - 1) !== seen) return true
    try {
      work(left - 1)
    } catch {
      Atomics.store(control, at.failed, 1)
    }
    Atomics.add(control, at.done, 1)
    Atomics.notify(control, at.done)
    return true
  }
  parentPort?.postMessage('ready')
  for (;;) {
    const seen = Atomics.load(control, wakeAt + number)
    for (let k = 0; k < spins; k++) if (take()) k = 0
    // What is forgotten is let go of before the next sleep, which may be a long one.
    listen()
    Atomics.wait(control, wakeAt + number, seen)
  }
}
