import type { Arena, NodeId, NodeView } from './arena.ts'
import type { Complain } from './dims.ts'
import type { Footprint } from './effects.ts'
import { callLabel, conflict, effects, emptyFootprint, isEffect, joinFootprints } from './effects.ts'
import type { TransactionAttrs } from './transaction.ts'
import { postorder } from './walk.ts'

/**
 * What the body of a transaction may do. It writes to its own database alone, because nothing else can be undone with it;
 * all its calls of that database go under one authority, because it has one connection; it does not nest; and no `attempt`
 * inside hides a failed statement, because a database gives up the whole transaction then.
 */
export const transactionRules = (arena: Arena, node: NodeView, bad: Complain): void => {
  const { db, authority } = node.op.attrs as TransactionAttrs
  const who = authority ? node.args[0] : undefined
  const own: Footprint[] = []
  const others: { readonly what: string; readonly reads: Footprint['reads'] }[] = []
  const isWho = (id: NodeId, passed: readonly boolean[]): boolean => {
    const { name, attrs } = arena.opOf(id)
    return name === 'param' ? passed[(attrs as { index: number }).index] === true : name === 'const' && id === who
  }
  const call = ({ op, args }: NodeView, passed: readonly boolean[], tried: boolean): void => {
    if (!isEffect(op.name)) return
    const print = effects[op.name].footprint(op.attrs as never)
    const what = callLabel(op.name, op.attrs as never)
    const query = op.attrs as { readonly db?: string; readonly authority?: boolean }
    if (op.name !== 'dbQuery' || query.db !== db) {
      others.push({ what, reads: print.reads })
      if (op.name === 'logLine')
        bad(node, 'a line of log inside a transaction cannot be undone', 'log after it: sequence(transaction, line)')
      else if (print.writes.length > 0)
        bad(
          node,
          `${what} writes elsewhere than to '${db}', which cannot be undone with the transaction`,
          'write after the transaction: sequence(transaction, write)',
        )
      return
    }
    own.push(print)
    if (query.authority !== authority || (authority && !isWho(args[0]!, passed)))
      bad(
        node,
        `${what} acts under another authority than its transaction`,
        `begin the transaction under it, ${authority ? `or ask with the same: ` : ''}db.as(who).transaction(…)`,
      )
    if (tried)
      bad(
        node,
        `${what} stands in an attempt inside its transaction, and a statement that fails ends the whole of it`,
        'put the attempt around the transaction',
      )
  }
  const seen = new Set<string>()
  const region = (root: NodeId, passed: readonly boolean[], tried: boolean): void => {
    const key = `${root} ${tried} ${passed.map(Number).join('')}`
    if (seen.has(key)) return
    seen.add(key)
    for (const id of postorder(arena, root)) {
      const inner = arena.node(id)
      call(inner, passed, tried)
      if (inner.op.name === 'transaction')
        bad(inner, 'a transaction stands inside another one', 'make one of the two, or put one after the other')
      for (const r of inner.regions) {
        // Captures come last; of what comes before them, a scalar can only be the state of a loop, which changes.
        const before = r.params.length - inner.args.length
        const given = r.params.map((_, i) => {
          const arg = inner.args[i - before]
          return arg !== undefined && !(i === 0 && inner.op.name === 'loop') && isWho(arg, passed)
        })
        region(r.root, given, tried || inner.op.name === 'attempt')
      }
    }
  }
  const captures = authority ? node.args.slice(1) : node.args
  region(
    node.regions[0]!.root,
    captures.map((a) => a === who),
    false,
  )
  const written = { ...emptyFootprint, writes: joinFootprints(own).writes }
  for (const { what, reads } of others)
    if (conflict(written, { reads, writes: [] }))
      bad(
        node,
        `${what} reads what the transaction writes, but stands outside of it and does not see that`,
        `ask '${db}' itself, or ask after the transaction`,
      )
}
