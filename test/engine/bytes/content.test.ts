// What a file is that a reader refuses, and text with a byte order mark.
import { expect, it } from 'vitest'
import { bytesToText, contentWords, knownContent, otherThanImage } from '../../../src/engine/bytes/index.ts'

const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
const POINTER = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n'

it.each([
  ['an empty file', ''],
  ['zeros', '\0'.repeat(600)],
  ['a Git LFS pointer instead of the file; run "git lfs pull"', POINTER],
  ['a git-annex pointer', '/annex/objects/SHA256E-s1--00.pt\n'],
  ['an HTML page', '\n<!DOCTYPE html>\n<html>'],
  ['an XML text', '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'],
  ['a NumPy array (.npy)', '\x93NUMPY\x01\0'],
  ['a Python pickle', '\x80\x04\x95'],
  ['the start of a truncated safetensors file', '\xff\x01\0\0\0\0\0\0{"a.weight":{"dtype":"F32"'],
  ['a text that starts with "hello there"', 'hello there\nyou'],
  ['a file that starts with 0102fffe', '\x01\x02\xff\xfe'],
])('names %s', (words, content) => {
  const bytes = latin1(content)
  expect(contentWords(bytes, bytes.length)).toContain(words)
})

it('the format of an image is no reason why it cannot be decoded', () => {
  const png = latin1('\x89PNG\r\n\x1a\n')
  expect([knownContent(png, 8), otherThanImage(png, 8)]).toEqual(['a PNG image', undefined])
  expect(otherThanImage(latin1(POINTER), POINTER.length)).toContain('Git LFS')
})

it.each([
  ['UTF-8', Buffer.from('é: 1')],
  ['UTF-8 with a mark', Buffer.from('\ufeffé: 1')],
  ['UTF-16 as PowerShell writes it', Buffer.from('\ufeffé: 1', 'utf16le')],
  ['UTF-16, big-endian', Buffer.from('\ufeffé: 1', 'utf16le').swap16()],
])('reads %s', (_, bytes) => expect(bytesToText(bytes, 'x.yaml')).toBe('é: 1'))

it('text that is a pointer or a page is refused by name', () =>
  expect(() => bytesToText(latin1(POINTER), 'x.yaml')).toThrow(
    'x.yaml: not a text file (found a Git LFS pointer',
  ))
