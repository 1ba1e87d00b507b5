/** A column of an answer, as the server describes it. */
export interface Field {
  readonly name: string
  readonly type: number
  /** What the column adds to its type: precision and scale of a numeric; -1 for nothing. */
  readonly modifier: number
}
/** What the server says of a statement before it runs. */
export interface Description {
  readonly params: readonly number[]
  readonly fields: readonly Field[]
}

export const readFields = (b: Buffer, at: number): readonly Field[] => {
  const fields: Field[] = []
  let p = at + 2
  for (let n = b.readUInt16BE(at); n > 0; n--) {
    const end = b.indexOf(0, p)
    const name = b.toString('utf8', p, end)
    fields.push({ name, type: b.readUInt32BE(end + 7), modifier: b.readInt32BE(end + 13) })
    p = end + 19
  }
  return fields
}
export const readTypes = (b: Buffer, at: number): readonly number[] =>
  Array.from({ length: b.readUInt16BE(at) }, (_, i) => b.readUInt32BE(at + 2 + 4 * i))

/** An error of the server, with the fields it sent by the names that `pg` gives them. */
export class ServerError extends Error {
  readonly code: string
  readonly severity: string
  declare readonly detail?: string
  declare readonly hint?: string
  declare readonly position?: string
  declare readonly schema?: string
  declare readonly table?: string
  declare readonly column?: string
  declare readonly constraint?: string
  constructor(fields: ReadonlyMap<string, string>) {
    super(fields.get('M') ?? 'no message')
    this.name = 'ServerError'
    this.code = fields.get('C') ?? ''
    this.severity = fields.get('V') ?? fields.get('S') ?? ''
    for (const [letter, name] of Object.entries(named)) {
      const text = fields.get(letter)
      if (text !== undefined) Object.assign(this, { [name]: text })
    }
  }
  /** The server ends the connection with it. */
  get fatal(): boolean {
    return this.severity === 'FATAL' || this.severity === 'PANIC'
  }
}
const named = { D: 'detail', H: 'hint', P: 'position', s: 'schema', t: 'table', c: 'column', n: 'constraint' } as const

export const readError = (b: Buffer, at: number, end: number): ServerError => {
  const fields = new Map<string, string>()
  for (let p = at; p < end && b[p] !== 0; ) {
    const stop = b.indexOf(0, p + 1)
    fields.set(String.fromCharCode(b[p]!), b.toString('utf8', p + 1, stop))
    p = stop + 1
  }
  return new ServerError(fields)
}
