/** The name of a table as footprints compare it: no case, and without the default schema and its database. */
export const tableKey = (name: string): string => name.toLowerCase().replace(/^(?:[^.]+\.)?(?:main|public)\./, '')

const fits = (declared: string, name: string): boolean =>
  declared === name || (declared.endsWith('*') && name.startsWith(declared.slice(0, -1)))

/**
 * Which of the names that a statement touches lie outside those that are declared for it. `*` is what nobody can find
 * out, and there the declaration is believed; to the files of a query any one file stands for all.
 */
export const outside = (found: readonly string[], declared: readonly string[]): readonly string[] => {
  const keys = declared.map(tableKey)
  const files = declared.some((d) => d.startsWith('file:') || d === '*')
  return found.filter((name) =>
    name === '*' ? false : name.startsWith('file:') ? !files : !keys.some((d) => fits(d, tableKey(name))),
  )
}
