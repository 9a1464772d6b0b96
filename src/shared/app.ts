// The program's name and version, as records and the command line tell them.

/** A test holds this equal to package.json. */
export const APP = { name: 'digit-workbench', version: '0.1.0' } as const
