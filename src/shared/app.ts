// The program's name and version, as written to records and printed by the command line.

/** A test checks that this equals package.json. */
export const APP = { name: 'digit-workbench', version: '0.1.0' } as const
