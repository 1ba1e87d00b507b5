import { posix } from 'node:path'
import type { ts } from 'ts-morph'

type Api = typeof ts

/** A declaration, or another statement, at the top of a file. */
interface Item {
  readonly file: string
  readonly node: ts.Statement
  readonly names: readonly string[]
}
/** What a name of a file means: something declared there, or in another file, or all that another file declares. */
type Meant = { readonly item: Item } | { readonly from: string; readonly name: string } | { readonly all: string }

interface Source {
  readonly file: ts.SourceFile
  readonly items: readonly Item[]
  readonly scope: ReadonlyMap<string, Meant>
  /** Files whose declarations it gives out as its own. */
  readonly stars: readonly string[]
  readonly imports: readonly string[]
}

/**
 * One module of many: the entry whole, and of the files that it imports what it needs of them, at any depth, with their
 * comments. Names that two files use are told apart; nothing else is changed. Sources are asked for by their paths.
 */
export const bundle = (api: Api, entry: string, text: string, read: (path: string) => string): string =>
  new Bundler(api, entry, text, read).text()

/** Files that were read and parsed before, by their text. */
const parsed = new Map<string, Source>()

class Bundler {
  readonly #api: Api
  readonly #entry: string
  readonly #sources = new Map<string, Source>()
  readonly #read: (path: string) => string
  readonly #kept = new Set<Item>()
  readonly #order: string[] = []
  /** Names by file and name there. */
  readonly #names = new Map<string, string>()
  readonly #taken = new Set<string>()

  constructor(api: Api, entry: string, text: string, read: (path: string) => string) {
    this.#api = api
    this.#entry = entry
    this.#read = (path) => (path === entry ? text : read(path))
  }

  text(): string {
    const entry = this.#source(this.#entry)
    for (const i of entry.items) this.#keep(i)
    this.#keepStatements()
    this.#inOrder(this.#entry, new Set())
    // The entry has its names, and so has what it speaks of; others give way.
    for (const i of entry.items) for (const n of i.names) this.#name(this.#entry, n)
    for (const [n, m] of entry.scope) {
      const found = 'from' in m ? this.#find(m.from, m.name) : undefined
      if (found !== undefined && this.#kept.has(found)) this.#name(found.file, n)
    }
    const parts = this.#order.map((file) => {
      const source = this.#source(file)
      return source.items.filter((i) => this.#kept.has(i)).map((i) => this.#written(i, file === this.#entry))
    })
    const [own, others] = [parts.at(-1)!, parts.slice(0, -1).flat()]
    const rule = (title: string): string => `// ${title} ${'-'.repeat(Math.max(0, 116 - title.length))}`
    const head = this.#head()
    const all = [head, rule('Parts of Quoin'), ...others, rule('The graph'), ...own]
    // Constants of a line each stand together.
    const short = (s: string): boolean => s.startsWith('const ') && !s.includes('\n')
    return `${all.reduce((text, part, i) => `${text}${short(part) && short(all[i - 1]!) ? '\n' : '\n\n'}${part}`)}\n`
  }
  /** The comment with which the entry begins. */
  #head(): string {
    const { text } = this.#source(this.#entry).file
    return text.slice(0, text.indexOf('\n\n'))
  }

  #source(path: string): Source {
    const known = this.#sources.get(path)
    if (known !== undefined) return known
    const api = this.#api
    const text = this.#read(path)
    const before = parsed.get(path)
    if (before?.file.text === text) {
      this.#sources.set(path, before)
      return before
    }
    const file = api.createSourceFile(path, text, api.ScriptTarget.Latest, true, api.ScriptKind.TS)
    const items: Item[] = []
    const scope = new Map<string, Meant>()
    const stars: string[] = []
    const imports: string[] = []
    const resolve = (to: string): string =>
      to.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), to)) : to
    for (const node of file.statements) {
      if (api.isImportDeclaration(node)) {
        const from = resolve((node.moduleSpecifier as ts.StringLiteral).text)
        imports.push(from)
        const named = node.importClause?.namedBindings
        if (named === undefined) continue
        if (api.isNamespaceImport(named)) scope.set(named.name.text, { all: from })
        else
          for (const e of named.elements)
            scope.set(e.name.text, { from, name: (e.propertyName as ts.Identifier | undefined)?.text ?? e.name.text })
      } else if (api.isExportDeclaration(node)) {
        const from =
          node.moduleSpecifier === undefined ? undefined : resolve((node.moduleSpecifier as ts.StringLiteral).text)
        if (from !== undefined) imports.push(from)
        if (node.exportClause === undefined) stars.push(from!)
        else if (api.isNamedExports(node.exportClause) && from !== undefined)
          for (const e of node.exportClause.elements)
            scope.set(e.name.text, { from, name: (e.propertyName as ts.Identifier | undefined)?.text ?? e.name.text })
      } else {
        const item: Item = { file: path, node, names: declared(api, node) }
        items.push(item)
        for (const n of item.names) scope.set(n, { item })
      }
    }
    const made: Source = { file, items, scope, stars, imports }
    this.#sources.set(path, made)
    if (path !== this.#entry) parsed.set(path, made)
    return made
  }

  /** Where a name that a file gives out is declared. */
  #find(path: string, name: string): Item | undefined {
    const m = this.#source(path).scope.get(name)
    if (m !== undefined) return 'item' in m ? m.item : 'from' in m ? this.#find(m.from, m.name) : undefined
    for (const s of this.#source(path).stars) {
      const found = this.#find(s, name)
      if (found !== undefined) return found
    }
    return undefined
  }
  /** What an identifier of a file stands for; for one of a namespace, what is behind the dot. */
  #meantBy(
    path: string,
    id: ts.Identifier,
  ): { readonly item: Item; readonly name: string; readonly whole: ts.Node } | undefined {
    const m = this.#source(path).scope.get(id.text)
    if (m === undefined) return undefined
    if ('item' in m) return { item: m.item, name: id.text, whole: id }
    if ('from' in m) {
      const item = this.#find(m.from, m.name)
      if (item === undefined) throw new Error(`bug: ${m.from} does not declare ${m.name}`)
      return { item, name: this.#declaredAs(m.from, m.name), whole: id }
    }
    const { parent } = id
    const api = this.#api
    const behind = api.isPropertyAccessExpression(parent)
      ? parent.name
      : api.isQualifiedName(parent)
        ? parent.right
        : undefined
    const item = behind === undefined ? undefined : this.#find(m.all, behind.text)
    if (item === undefined) throw new Error(`bug: ${path} uses all of ${m.all} as one value`)
    return { item, name: this.#declaredAs(m.all, behind!.text), whole: parent }
  }
  #declaredAs(path: string, name: string): string {
    const m = this.#source(path).scope.get(name)
    if (m !== undefined) return 'from' in m ? this.#declaredAs(m.from, m.name) : name
    const star = this.#source(path).stars.find((s) => this.#find(s, name) !== undefined)
    return star === undefined ? name : this.#declaredAs(star, name)
  }

  #keep(first: Item): void {
    const open = [first]
    for (let item = open.pop(); item !== undefined; item = open.pop()) {
      if (this.#kept.has(item)) continue
      this.#kept.add(item)
      for (const id of references(this.#api, item.node)) {
        const m = this.#meantBy(item.file, id)
        if (m !== undefined) open.push(m.item)
      }
    }
  }
  /** A statement that declares nothing fills what is declared beside it: it belongs to whatever it speaks of. */
  #keepStatements(): void {
    for (let more = true; more; ) {
      more = false
      for (const { file, items } of this.#sources.values()) {
        for (const item of items) {
          if (item.names.length > 0 || this.#kept.has(item)) continue
          const speaksOf = references(this.#api, item.node).map((id) => this.#meantBy(file.fileName, id)?.item)
          if (!speaksOf.some((i) => i !== undefined && i.file === file.fileName && this.#kept.has(i))) continue
          this.#keep(item)
          more = true
        }
      }
    }
  }
  #inOrder(path: string, seen: Set<string>): void {
    if (seen.has(path)) return
    seen.add(path)
    for (const i of this.#source(path).imports) if (this.#sources.has(i)) this.#inOrder(i, seen)
    this.#order.push(path)
  }

  #name(file: string, name: string): string {
    const key = `${file} ${name}`
    const known = this.#names.get(key)
    if (known !== undefined) return known
    let free = name
    for (let i = 2; this.#taken.has(free); i++) free = `${name}${i}`
    this.#taken.add(free)
    this.#names.set(key, free)
    return free
  }

  /** The text of a declaration with the names that its parts have here, and not given out unless it is the entry's. */
  #written({ file, node }: Item, own: boolean): string {
    const api = this.#api
    const { file: source } = this.#source(file)
    const edits: (readonly [from: number, to: number, text: string])[] = []
    const given = api.canHaveModifiers(node) ? api.getModifiers(node) : undefined
    if (!own)
      for (const m of given ?? [])
        if (m.kind === api.SyntaxKind.ExportKeyword) edits.push([m.getStart(source), m.end + 1, ''])
    for (const id of [...references(api, node), ...declarations(api, node)]) {
      const m = this.#meantBy(file, id)
      if (m === undefined) continue
      const name = this.#name(m.item.file, m.name)
      if (m.whole === id && name === id.text) continue
      const short =
        api.isShorthandPropertyAssignment(id.parent) ||
        (api.isBindingElement(id.parent) &&
          id.parent.propertyName === undefined &&
          api.isObjectBindingPattern(id.parent.parent))
      edits.push([m.whole.getStart(source), m.whole.end, short ? `${id.text}: ${name}` : name])
    }
    const begin = node.getFullStart()
    let text = ''
    let at = begin
    for (const [from, to, by] of edits.sort((a, b) => a[0] - b[0])) {
      if (from < at) continue
      text += source.text.slice(at, from) + by
      at = to
    }
    text = (text + source.text.slice(at, node.end)).trim()
    // The comment of the whole file belongs to no declaration.
    return own && begin === 0 ? text.slice(text.indexOf('\n\n') + 2).trim() : text
  }
}

/** The names that a statement declares at the top of its file. */
const declared = (api: Api, node: ts.Statement): readonly string[] => declarations(api, node).map((id) => id.text)
const declarations = (api: Api, node: ts.Statement): readonly ts.Identifier[] => {
  if (api.isVariableStatement(node)) return node.declarationList.declarations.flatMap((d) => bound(api, d.name))
  const { name } = node as { name?: ts.Node }
  return name !== undefined && api.isIdentifier(name) ? [name] : []
}
const bound = (api: Api, name: ts.BindingName): readonly ts.Identifier[] =>
  api.isIdentifier(name) ? [name] : name.elements.flatMap((e) => (api.isOmittedExpression(e) ? [] : bound(api, e.name)))

/** Every identifier of a statement that may stand for something outside it. */
const references = (api: Api, root: ts.Statement): readonly ts.Identifier[] => {
  const found: ts.Identifier[] = []
  const own = new Set<ts.Node>(declarations(api, root))
  const visit = (n: ts.Node): void => {
    if (api.isIdentifier(n)) {
      if (!own.has(n) && !isLabel(api, n)) found.push(n)
      return
    }
    api.forEachChild(n, visit)
  }
  visit(root)
  return found
}
/** Names of properties and the like stand for nothing by themselves. */
const isLabel = (api: Api, id: ts.Identifier): boolean => {
  const { parent } = id
  if (api.isPropertyAccessExpression(parent)) return parent.name === id
  if (api.isQualifiedName(parent)) return parent.right === id
  if (api.isBindingElement(parent)) return parent.propertyName === id
  if (api.isShorthandPropertyAssignment(parent)) return false
  return (
    (api.isPropertyAssignment(parent) ||
      api.isPropertySignature(parent) ||
      api.isPropertyDeclaration(parent) ||
      api.isMethodDeclaration(parent) ||
      api.isMethodSignature(parent) ||
      api.isGetAccessor(parent) ||
      api.isSetAccessor(parent) ||
      api.isNamedTupleMember(parent)) &&
    parent.name === id
  )
}
