/** The part of YAML that `action.yml` is written in: maps, lists, plain and quoted texts, and blocks of text. */
export type Yaml = string | readonly Yaml[] | { readonly [key: string]: Yaml }

interface Line {
  readonly indent: number
  readonly text: string
  readonly number: number
}

/** Reads a document, or throws with the line that is not of that part. */
export const parseYaml = (document: string): Yaml => {
  const raw = document.split('\n')
  const lines: Line[] = raw.flatMap((l, i) =>
    /^\s*(#|$)/.test(l) ? [] : [{ indent: l.length - l.trimStart().length, text: l.trim(), number: i + 1 }],
  )
  let at = 0
  const odd = (l: Line): never => {
    throw new Error(`line ${l.number}: ${l.text}`)
  }
  const scalar = (text: string): string => {
    const quoted = /^'((?:[^']|'')*)'$/.exec(text)
    if (quoted !== null) return quoted[1]!.replaceAll("''", "'")
    if (/^["'[{>*&!%@`]/.test(text) || text.includes(' #') || /:\s/.test(text)) throw new Error(`not plain: ${text}`)
    return text
  }
  const block = (indent: number, header: Line): string => {
    const own: string[] = []
    let n = header.number
    for (; n < raw.length && (raw[n]!.trim() === '' || raw[n]!.search(/\S/) > indent); n++) own.push(raw[n]!)
    while (at < lines.length && lines[at]!.number <= n) at++
    const margin = Math.min(...own.filter((l) => l.trim() !== '').map((l) => l.search(/\S/)))
    return `${own
      .map((l) => l.slice(margin))
      .join('\n')
      .trimEnd()}\n`
  }
  const entry = (l: Line, into: Record<string, Yaml>, indent: number): void => {
    const m = /^([\w-]+):(?:\s+(.*))?$/.exec(l.text) ?? odd(l)
    const [, key, rest] = m as unknown as readonly [string, string, string | undefined]
    if (Object.hasOwn(into, key)) odd(l)
    if (rest === '|') into[key] = block(indent, l)
    else if (rest !== undefined) into[key] = scalar(rest)
    else into[key] = value(indent + 1)
  }
  const value = (least: number): Yaml => {
    const first = lines[at]
    if (first === undefined || first.indent < least) return ''
    const { indent } = first
    if (first.text.startsWith('- ')) {
      const list: Yaml[] = []
      while (lines[at]?.indent === indent && lines[at]!.text.startsWith('- ')) {
        // What follows the dash is the first entry of a map that goes on two places further in.
        const l = lines[at]!
        lines[at] = { ...l, indent: indent + 2, text: l.text.slice(2) }
        list.push(value(indent + 2))
      }
      return list
    }
    const map: Record<string, Yaml> = {}
    while (lines[at]?.indent === indent && !lines[at]!.text.startsWith('- ')) entry(lines[at++]!, map, indent)
    if (lines[at] !== undefined && lines[at]!.indent > indent) odd(lines[at]!)
    return map
  }
  const whole = value(0)
  if (at < lines.length) odd(lines[at]!)
  return whole
}
