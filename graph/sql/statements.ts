import type { Found, Tree } from './walk.ts'
import { isTree, tableName } from './walk.ts'

/**
 * What a statement touches that is neither a query nor a change of rows. Answers whether that is all it touches; for
 * everything that is not listed here (DO, CALL, SET, EXECUTE, functions, triggers, schemas …) it may be anything.
 */
export const utility = (tree: Tree, found: Found): boolean => {
  const [kind, node] = Object.entries(tree)[0] ?? []
  if (kind === undefined || !isTree(node)) return false
  const does = Object.hasOwn(utilities, kind) ? utilities[kind] : undefined
  return does?.(node, found) ?? false
}

const write = (t: unknown, found: Found): boolean => {
  if (!isTree(t) || typeof t.relname !== 'string') return false
  found.writes.add(tableName(t))
  return true
}
const rangeVars = (list: unknown): readonly unknown[] =>
  Array.isArray(list) ? list.map((x: unknown) => (isTree(x) ? x.RangeVar : undefined)) : []
const rows = new Set(['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_SEQUENCE', 'OBJECT_FOREIGN_TABLE'])
const parts = new Set(['OBJECT_COLUMN', 'OBJECT_TABCONSTRAINT'])

/** The walk that follows finds what the queries inside read; here stands what is written, and the files. */
const utilities: Readonly<Record<string, (node: Tree, found: Found) => boolean>> = {
  CreateStmt: ({ relation }, found) => write(relation, found),
  CreateTableAsStmt: ({ into }, found) => isTree(into) && write(into.rel, found),
  ViewStmt: ({ view }, found) => write(view, found),
  IndexStmt: ({ relation }, found) => write(relation, found),
  CreateSeqStmt: ({ sequence }, found) => write(sequence, found),
  AlterSeqStmt: ({ sequence }, found) => write(sequence, found),
  AlterTableStmt: ({ relation }, found) => write(relation, found),
  LockStmt: ({ relations }, found) => rangeVars(relations).every((t) => write(t, found)),
  ExplainStmt: ({ query }) => isTree(query) && Object.keys(query).every((k) => readable.has(k)),
  RefreshMatViewStmt: ({ relation }, found) => {
    found.reads.add('*')
    return write(relation, found)
  },
  // What refers to these tables is emptied as well.
  TruncateStmt: ({ relations, behavior }, found) =>
    rangeVars(relations).every((t) => write(t, found)) && behavior !== 'DROP_CASCADE',
  RenameStmt: ({ renameType, relation, newname }, found) => {
    if (!write(relation, found)) return false
    if (parts.has(String(renameType))) return true
    if (!rows.has(String(renameType))) return false
    return write({ ...(relation as Tree), relname: newname }, found)
  },
  DropStmt: ({ objects, removeType, behavior }, found) => {
    if (!rows.has(String(removeType)) || !Array.isArray(objects)) return false
    for (const o of objects as readonly unknown[]) {
      const items = isTree(o) && isTree(o.List) && Array.isArray(o.List.items) ? o.List.items : []
      const names = items.map((s: unknown) => (isTree(s) && isTree(s.String) ? String(s.String.sval) : ''))
      found.writes.add(names.join('.'))
    }
    return behavior !== 'DROP_CASCADE'
  },
  CopyStmt: ({ relation, is_from, is_program, filename }, found) => {
    if (isTree(relation)) (is_from === true ? found.writes : found.reads).add(tableName(relation))
    if (typeof filename === 'string' && is_program !== true)
      (is_from === true ? found.reads : found.writes).add(`file:${filename}`)
    return is_program !== true
  },
}
/** Statements whose footprint is found by the walk alone. */
export const readable = new Set(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'])
