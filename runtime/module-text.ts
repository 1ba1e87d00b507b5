/**
 * The text of a generated module as a function that answers its default export: a module that was imported is never given
 * up again. Nothing but statements begins a line with `export` there, and what lies beside the module is not asked for.
 * Nothing where the engine makes no code of text, as some are told; what the text itself does wrong is thrown.
 */
export const moduleFunction = (text: string): (() => unknown) | undefined => {
  const body = text
    .replace(/^export default /m, 'return ')
    .replace(/^export /gm, '')
    .replaceAll('import.meta.url', 'undefined')
  try {
    return new Function(`'use strict'\n${body}`) as () => unknown
  } catch (e) {
    if (e instanceof EvalError) return undefined
    throw e
  }
}
