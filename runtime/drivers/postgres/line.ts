import type { Either } from '../../../graph/either.ts'
import { left, right } from '../../../graph/either.ts'
import { showMs } from '../limit.ts'
import { cancelRunning } from './cancel.ts'
import type { InnerClient } from './engine.ts'
import { innerOf } from './engine.ts'
import type { Field, ServerError } from './fields.ts'
import { readError, readFields, readTypes } from './fields.ts'
import { Messages } from './messages.ts'
import { Statements } from './statements.ts'
import { Tap } from './tap.ts'
import { graceMs } from './tell.ts'

/** What is asked in one go: messages that end with one Sync, and what to do with the rows. */
export interface Request {
  readonly write: (to: Messages) => void
  readonly row?: (b: Buffer, at: number, end: number) => void
  /** A row longer than this is not kept in memory. */
  readonly mostBytes?: number
  readonly oversize?: () => void
  /** Whether a statement of ours goes before it, whose answer nobody wants. */
  readonly led?: boolean
}
export interface Reply {
  readonly error?: ServerError
  readonly fields: readonly Field[]
  readonly params: readonly number[]
  /** What the statement did, in the server's words: `INSERT 0 3`. */
  readonly tag: string
  /** Somebody's cancellation was under way, so that one that nobody here asked for may have met it. */
  readonly disturbed: boolean
}
/** The connection broke: what was said, whether the request had gone out, and whether anything of the answer had come. */
export interface Lost {
  readonly error: unknown
  readonly sent: boolean
  readonly began: boolean
}
export type Ended = Either<Lost, Reply>

interface Sent {
  readonly request: Request
  readonly resolve: (e: Ended) => void
  readonly cancelsBefore: number
  began: boolean
  abandoned: boolean
  /** The answers that come belong to what goes before it. */
  leading: boolean
  error?: ServerError
  fields: readonly Field[]
  params: readonly number[]
  tag: string
}
export interface Asked {
  readonly ended: Promise<Ended>
  /** Stops it, or makes sure that it is stopped when its turn comes. Whether the server is at it now. */
  readonly cancel: () => boolean
}

const code = (c: string): number => c.charCodeAt(0)
const [ROW, DONE, READY, ERROR, FIELDS, TYPES, COPY] = [...'DCZETtG'].map(code)

/**
 * A connection that is ours for a while. Requests may be sent before the answers to earlier ones have come; the server
 * takes them in order. `pg` stands by as if a query of its own were running.
 */
export class Line {
  readonly client: InnerClient
  readonly statements: Statements
  readonly #tap: Tap
  readonly #sent: Sent[] = []
  readonly #out = new Messages()
  #scheduled = false
  #cancels = 0
  #cancelling = 0
  #watching: NodeJS.Timeout | undefined
  #again: NodeJS.Timeout | undefined
  #status = 'I'
  #broken: { readonly error: unknown } | undefined
  readonly #quiet: (() => void)[] = []

  private constructor(client: InnerClient, tap: Tap) {
    this.client = client
    this.#tap = tap
    this.statements = Statements.on(client.connection.stream)
  }

  /** Waits until the client has ended what others gave it, and takes it over. */
  static open(given: unknown, signal: AbortSignal): Promise<Either<unknown, Line>> {
    const client = innerOf(given)
    const tap = Tap.on(client.connection.stream)
    const line = new Line(client, tap)
    return new Promise((resolve) => {
      let late = false
      const stop = (): void => {
        late = true
        resolve(left('stopped'))
      }
      signal.addEventListener('abort', stop, { once: true })
      client.query({
        callback: () => undefined,
        submit: () => {
          signal.removeEventListener('abort', stop)
          if (late) process.nextTick(() => line.#handBack())
          else {
            tap.read(line.#reader)
            void line.#learn().then((end) => resolve(end._tag === 'Left' ? left(end.left.error) : right(line)))
          }
          return null
        },
        handleError: (e: unknown) => {
          resolve(left(e))
          line.#lose(e)
        },
        handleReadyForQuery: () => undefined,
        handleRowDescription: () => undefined,
        handleDataRow: () => undefined,
        handleCommandComplete: () => undefined,
      })
    })
  }

  /** Whether a transaction is under way; a client of an earlier version does not know, and the server is asked. */
  async #learn(): Promise<Ended> {
    const known = this.client.getTransactionStatus?.()
    if (typeof known !== 'string') return this.send({ write: () => undefined }).ended
    this.#status = known
    return right({ fields: [], params: [], tag: '', disturbed: false })
  }
  /** `I` outside a transaction, `T` in one, `E` in one that has failed. */
  get status(): string {
    return this.#status
  }
  /** Nothing is under way: no request, and no cancellation that might meet the next one. */
  get quiet(): boolean {
    return this.#sent.length === 0 && this.#cancelling === 0
  }
  get broken(): boolean {
    return this.#broken !== undefined
  }

  send(request: Request): Asked {
    if (this.#broken !== undefined)
      return {
        ended: Promise.resolve(left({ error: this.#broken.error, sent: false, began: false })),
        cancel: () => false,
      }
    const { promise, resolve } = Promise.withResolvers<Ended>()
    const sent: Sent = {
      request,
      resolve,
      // A cancellation that is on its way may still meet it.
      cancelsBefore: this.#cancels - this.#cancelling,
      began: false,
      abandoned: false,
      leading: request.led === true,
      fields: [],
      params: [],
      tag: '',
    }
    this.#sent.push(sent)
    request.write(this.#out)
    this.#out.sync()
    this.#flushSoon()
    return { ended: promise, cancel: () => this.#cancel(sent) }
  }

  /** Gives the client back as it was taken. */
  async close(): Promise<void> {
    if (this.#broken !== undefined) return
    if (!this.quiet) await new Promise<void>((done) => this.#quiet.push(done))
    if (this.#broken === undefined) this.#handBack()
  }
  /** Hangs up; the server notices when it next has something to say. */
  destroy(error: unknown): void {
    this.#lose(error)
    this.client.connection.stream.destroy()
  }

  #flushSoon(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    // What is asked in one go travels in one packet.
    process.nextTick(() => {
      this.#scheduled = false
      if (this.#out.length > 0 && this.#broken === undefined) this.client.connection.stream.write(this.#out.take())
    })
  }
  #handBack(): void {
    this.#tap.read(undefined)
    this.#tap.pass(Buffer.from([READY!, 0, 0, 0, 5, code(this.#status)]))
  }

  /** Stops what the server is at. */
  cancelHead(): void {
    const head = this.#sent[0]
    if (head !== undefined) this.#cancel(head)
  }
  #cancel(sent: Sent): boolean {
    const at = this.#sent.indexOf(sent)
    if (at < 0 || sent.abandoned) return at === 0
    sent.abandoned = true
    if (at === 0) void this.#cancelNow(sent)
    return at === 0
  }
  /** A server that has not yet begun forgets a cancellation, so it is repeated until the statement has ended. */
  async #cancelNow(sent: Sent, wait = 10): Promise<void> {
    this.#cancels++
    this.#cancelling++
    await cancelRunning(this.client)
    this.#cancelling--
    if (this.#sent[0] === sent && this.#broken === undefined)
      this.#again = setTimeout(() => void this.#cancelNow(sent, 2 * wait), wait)
    this.#settle()
  }
  /** Nobody waits for what was given up before its turn, so nobody would notice that the server is silent. */
  #watch(): void {
    this.#watching = setTimeout(
      () => this.destroy(new Error(`PostgreSQL did not stop within ${showMs(graceMs)}`)),
      graceMs,
    )
  }
  #settle(): void {
    if (this.#broken === undefined && !this.quiet) return
    for (const done of this.#quiet.splice(0)) done()
  }

  #lose(error: unknown): void {
    if (this.#broken !== undefined) return
    this.#broken = { error }
    clearTimeout(this.#watching)
    clearTimeout(this.#again)
    this.#tap.read(undefined)
    for (const s of this.#sent.splice(0)) s.resolve(left({ error: s.error ?? error, sent: true, began: s.began }))
    this.#settle()
  }

  readonly #reader = {
    skips: (c: number, length: number): boolean => {
      const head = this.#sent[0]
      if (c !== ROW || head === undefined) return false
      head.began = true
      if (head.abandoned) return true
      if (length <= (head.request.mostBytes ?? Number.POSITIVE_INFINITY)) return false
      head.request.oversize?.()
      return true
    },
    message: (c: number, b: Buffer, at: number, end: number): void => {
      const head = this.#sent[0]
      if (head === undefined) return this.#tap.pass(b.subarray(at - 5, end))
      if (c !== ERROR) head.began = true
      switch (c) {
        case ROW:
          return head.leading ? undefined : head.request.row?.(b, at, end)
        case FIELDS:
          head.fields = readFields(b, at)
          return
        case TYPES:
          head.params = readTypes(b, at)
          return
        case DONE:
          if (head.leading) {
            head.leading = false
            return
          }
          head.tag = b.toString('latin1', at, end - 1)
          return
        case ERROR:
          head.error ??= readError(b, at, end)
          return
        case COPY: // COPY … FROM STDIN: there is nothing to give
          this.#out.copyFail('no data is sent')
          this.#out.sync()
          return this.#flushSoon()
        case READY:
          return this.#ended(head, String.fromCharCode(b[at]!))
        default:
          return
      }
    },
  }
  #ended(head: Sent, status: string): void {
    clearTimeout(this.#watching)
    clearTimeout(this.#again)
    this.#status = status
    this.#sent.shift()
    head.resolve(
      right({
        ...(head.error === undefined ? {} : { error: head.error }),
        fields: head.fields,
        params: head.params,
        tag: head.tag,
        disturbed: this.#cancels > head.cancelsBefore,
      }),
    )
    const next = this.#sent[0]
    if (next?.abandoned === true) {
      void this.#cancelNow(next)
      this.#watch()
    }
    this.#settle()
  }
}
