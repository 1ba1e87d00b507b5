import type { StateGraph } from './machine.ts'
import { keyOf } from './machine.ts'

/** A state graph as a checker writes it out: states by their texts, and steps between them. */
export interface Drawn {
  readonly states: ReadonlySet<string>
  /** `from action to`; an engine that does not tell which action it was leaves its place empty. */
  readonly steps: ReadonlySet<string>
}

/** Numbers, truth values, texts and sequences are JSON but for their brackets; anything else is refused. */
const value = (text: string): unknown =>
  JSON.parse(
    text
      .replaceAll('<<', '[')
      .replaceAll('>>', ']')
      .replace(/\bTRUE\b/g, 'true')
      .replace(/\bFALSE\b/g, 'false'),
  )
const state = (label: string, lines: RegExp): Readonly<Record<string, unknown>> => {
  const text = label.replaceAll('\\n', '\n').replaceAll('\\"', '"').replaceAll('\\\\', '\\')
  return Object.fromEntries([...text.matchAll(lines)].map(([, name, v]) => [name!, value(v!)]))
}
const drawn = (dot: string, node: RegExp, edge: RegExp, lines: RegExp): Drawn => {
  const keys = new Map<string, string>()
  for (const [, name, label] of dot.matchAll(node)) keys.set(name!, keyOf(state(label!, lines)))
  // A step that changes nothing is no step to a specification, and not every engine draws it.
  const steps = [...dot.matchAll(edge)].flatMap(([, a, b, action]) =>
    a === b ? [] : [stepText(keys.get(a!)!, action ?? '', keys.get(b!)!)],
  )
  return { states: new Set(keys.values()), steps: new Set(steps) }
}
/** The steps of a graph in the same words. */
export const stepsOf = (g: StateGraph<object>, named: boolean): ReadonlySet<string> => {
  const keys = g.states.map(keyOf)
  const steps = g.edges.filter((e) => e.from !== e.to)
  return new Set(steps.map((e) => stepText(keys[e.from]!, named ? e.action : '', keys[e.to]!)))
}
const stepText = (from: string, action: string, to: string): string => `${from} ${action} ${to}`

/** What the embedded checker draws: the labels of its steps are those of the outermost definition, so they are left out. */
export const ofEmbedded = (dot: string): Drawn =>
  drawn(dot, /^ {2}(s\d+) \[label="((?:[^"\\]|\\.)*)"/gm, /^ {2}(s\d+) -> (s\d+)/gm, /^(\w+)=(.*)$/gm)
/** What TLC draws with `-dump dot,actionlabels`. */
export const ofTlc = (dot: string): Drawn =>
  drawn(
    dot,
    /^(-?\d+) \[label="((?:[^"\\]|\\.)*)"/gm,
    /^(-?\d+) -> (-?\d+) \[label="(\w*)"/gm,
    /^(?:\/\\ )?(\w+) = (.*)$/gm,
  )
