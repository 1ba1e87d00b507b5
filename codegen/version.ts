/** The version of the package; part of every key of generated code. A test holds it equal to package.json. */
export const version = '0.1.0'
