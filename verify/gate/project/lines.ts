/**
 * Where things stand in a file of the user's, so that a report can mark the line: they are found by their names in its text.
 * What is written in another way than it usually is has no line of its own, and the definition of the graph stands for it.
 */
export interface Lines {
  /** Where the file says which graph it is. */
  readonly graph: number
  readonly plan: number
  /** Where a driver of this name is exported, or else where the graph speaks of this name. */
  readonly driver: (name: string) => number
  /** Where this stands in quotes: the id of an assumption, the name of a file. */
  readonly named: (name: string) => number
}

/** The number of the line on which this stands first, counted from 1. */
export const lineWhere = (text: string, what: RegExp): number | undefined => {
  const at = text.search(what)
  return at < 0 ? undefined : text.slice(0, at).split('\n').length
}
const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
const quoted = (name: string): RegExp => new RegExp(`(['"\`])${escaped(name)}\\1`)

export const linesOf = (text: string): Lines => {
  // A document of JSON has no definition but itself.
  const graph = lineWhere(text, /^export default\b|^export \{[^}]*\bas default\b/m) ?? 1
  const drivers = text.search(/^export (?:const|let|var|(?:async )?function) drivers\b/m)
  return {
    graph,
    plan: lineWhere(text, /^export (?:const|let|var) plan\b/m) ?? graph,
    driver: (name) => {
      const key = new RegExp(`(?<![\\w$.])(?:(['"])${escaped(name)}\\1|${escaped(name)})(?=\\s*[:,(}])`)
      const at = drivers < 0 ? -1 : text.slice(drivers).search(key)
      if (at >= 0) return text.slice(0, drivers + at).split('\n').length
      return lineWhere(text, quoted(name)) ?? graph
    },
    named: (name) => lineWhere(text, quoted(name)) ?? graph,
  }
}

/** The line of a manifest on which this entry stands. */
export const lineOfEntry = (json: string, key: string): number =>
  lineWhere(json, new RegExp(`"${escaped(key)}"\\s*:`)) ?? 1
