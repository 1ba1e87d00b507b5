import { ts } from 'ts-morph'
import { isErased } from './source.ts'

/**
 * What a source file imports as far as it stands there: by import, export, `import('…')` and `require('…')`. Types are left
 * out, and so is what stands in comments: neither is there when the file runs.
 *
 *     specifiersIn('a.ts', "import { now } from '#clock'\n// import './b.ts'") // ['#clock']
 */
export const specifiersIn = (path: string, text: string): readonly string[] => {
  const found = new Set<string>()
  const add = (n: ts.Node | undefined): void => {
    if (n !== undefined && ts.isStringLiteralLike(n)) found.add(n.text)
  }
  let stack: ts.Node[]
  try {
    stack = [ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)]
  } catch {
    // Nested deeper than the parser can follow: the scanners say so of the file itself.
    return []
  }
  while (stack.length > 0) {
    const n = stack.pop()!
    if (isErased(n)) continue
    if (ts.isImportDeclaration(n) || ts.isExportDeclaration(n)) add(n.moduleSpecifier)
    else if (ts.isImportEqualsDeclaration(n)) {
      if (!n.isTypeOnly && ts.isExternalModuleReference(n.moduleReference)) add(n.moduleReference.expression)
    } else if (ts.isCallExpression(n) && loads(n.expression)) add(bareOf(n.arguments[0]))
    ts.forEachChild(n, (child) => {
      stack.push(child)
    })
  }
  return [...found]
}
const loads = (f: ts.Expression): boolean =>
  f.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(f) && f.text === 'require')
/** `import('koffi' as string)` hides the name from the type checker alone. */
const bareOf = (e: ts.Expression | undefined): ts.Expression | undefined => {
  let inner = e
  while (inner !== undefined && (ts.isAsExpression(inner) || ts.isSatisfiesExpression(inner))) inner = inner.expression
  return inner
}

/** The file that a specifier of a project means, as compilers find it: `#names` of package.json and workspaces included. */
export const resolvedFrom = (file: string, specifier: string): string | undefined =>
  ts.resolveModuleName(specifier, file, resolution, ts.sys).resolvedModule?.resolvedFileName
const resolution: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  allowImportingTsExtensions: true,
  allowJs: true,
  noDtsResolution: true,
}
