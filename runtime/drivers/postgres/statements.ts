import type { Socket } from 'node:net'
import type { Messages } from './messages.ts'

/** The statements that a connection has prepared, the one used last at the end. There are never more than `most`. */
export class Statements {
  readonly #names = new Set<string>()
  static readonly #all = new WeakMap<Socket, Statements>()
  static on(socket: Socket): Statements {
    const known = Statements.#all.get(socket) ?? new Statements()
    Statements.#all.set(socket, known)
    return known
  }

  /** Writes what makes the statement known to the connection, if it is not. */
  prepare(to: Messages, name: string, sql: string, types: readonly number[], most: number): void {
    if (this.#names.delete(name)) {
      this.#names.add(name)
      return
    }
    for (const oldest of this.#names) {
      if (this.#names.size < most) break
      this.#names.delete(oldest)
      to.closeStatement(oldest)
    }
    this.#names.add(name)
    // Closing what is not there is no error; preparing what is there is one.
    to.closeStatement(name)
    to.parse(name, sql, types)
  }
  forget(name: string): void {
    this.#names.delete(name)
  }
}
