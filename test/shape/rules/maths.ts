import type { SourceFile } from 'ts-morph'
import { Node, SyntaxKind } from 'ts-morph'
import { pathOf } from './imports.ts'

/**
 * The members of `Math` whose result ECMAScript fixes to the last bit. The others (sin, exp, pow, hypot, …) may differ
 * between engines and versions, and `random` differs by design, so a result that used them would not be reproducible.
 */
export const exact = new Set([
  'abs',
  'ceil',
  'clz32',
  'f16round',
  'floor',
  'fround',
  'imul',
  'max',
  'min',
  'round',
  'sign',
  'sqrt',
  'trunc',
  'E',
  'LN10',
  'LN2',
  'LOG10E',
  'LOG2E',
  'PI',
  'SQRT1_2',
  'SQRT2',
])

const deterministicRooms = /^(graph|passes|codegen|runtime)\//

/** Inexact `Math` in code, and in the text of code to be generated. */
export const mathViolations = (files: readonly SourceFile[]): readonly string[] =>
  files.filter((file) => deterministicRooms.test(pathOf(file))).flatMap((file) => [...inCode(file), ...inText(file)])

const inCode = (file: SourceFile): readonly string[] =>
  file.getDescendantsOfKind(SyntaxKind.Identifier).flatMap((id) => {
    if (id.getText() !== 'Math') return []
    const parent = id.getParent()
    // `Math.abs` is fine and so is a property that happens to be called Math; a bare `Math` could become anything.
    if (Node.isPropertyAccessExpression(parent) && parent.getNameNode() === id) return []
    if (Node.isPropertyAccessExpression(parent) && exact.has(parent.getName())) return []
    return [`${pathOf(file)}:${id.getStartLineNumber()} uses ${parent?.getText().split('\n')[0] ?? 'Math'}`]
  })

const inText = (file: SourceFile): readonly string[] =>
  [
    SyntaxKind.StringLiteral,
    SyntaxKind.NoSubstitutionTemplateLiteral,
    SyntaxKind.TemplateHead,
    SyntaxKind.TemplateMiddle,
    SyntaxKind.TemplateTail,
  ].flatMap((kind) =>
    file
      .getDescendantsOfKind(kind)
      .flatMap((text) =>
        [...text.getText().matchAll(/\bMath\.(\w+)/g)]
          .filter(([, member]) => !exact.has(member ?? ''))
          .map(([use]) => `${pathOf(file)}:${text.getStartLineNumber()} writes ${use}`),
      ),
  )
