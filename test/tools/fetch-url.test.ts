import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo, LookupFunction } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isPublic } from '../../src/tools/fetch/address.ts'
import { allowedUrl, allowing } from '../../src/tools/fetch/allow.ts'
import { readableHtml } from '../../src/tools/fetch/readable.ts'
import { type FetchUrlOptions, fetchUrl } from '../../src/tools/fetch-url.ts'
import { aContext } from './workspace.ts'

/** A server on loopback, and its address. */
async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const page =
  (type: string, body: string | Buffer, status = 200): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': type }).end(body)
  }

async function get(
  url: string,
  options: Partial<FetchUrlOptions> = {},
  more: { raw?: boolean; from?: number } = {},
) {
  const tool = fetchUrl({ allow: [new URL(url).origin], ...options })
  return (await tool.run({ url, raw: more.raw ?? null, from: more.from ?? null }, await aContext())).output
}

const code = (name: string) => ({ code: `tool.${name}` })

/** Every name is that address. */
const at =
  (address: string): LookupFunction =>
  (_, options, done) =>
    options.all ? done(null, [{ address, family: 4 }]) : done(null, address, 4)

describe('fetch_url', () => {
  it('gives a page as text, asks with GET and brings nothing of its own', async () => {
    let asked: unknown
    const site = await serving((request, response) => {
      asked = [request.method, request.url, request.headers.cookie, request.headers.authorization]
      page('text/plain; charset=utf-8', 'grüße\n')(request, response)
    })
    expect(await get(`${site}/a?b=c#d`)).toEqual({
      ...{ url: `${site}/a?b=c`, type: 'text/plain', title: '', text: 'grüße\n', more: '' },
    })
    expect(asked).toEqual(['GET', '/a?b=c', undefined, undefined])
  })

  it('gives the text of HTML, or the page as it is', async () => {
    const html = '<title>A &amp; B</title><h1>Hi</h1><script>no()</script><p>a<br>b'
    const site = await serving(page('text/html', html))
    expect(await get(site)).toMatchObject({ title: 'A & B', text: '# Hi\n\na\nb' })
    expect(await get(site, {}, { raw: true })).toMatchObject({ title: '', text: html })
  })

  it.each([
    ['text/plain; charset=ISO-8859-1', 'gr\xfc\xdfe', 'grüße'],
    ['text/html', '<meta charset="windows-1251"><p>\xcf\xf0', 'Пр'],
    ['text/plain; charset=nonsense', 'plain', 'plain'],
  ])('reads %s in its encoding', async (type, bytes, text) => {
    const site = await serving(page(type, Buffer.from(bytes, 'latin1')))
    expect((await get(site)).text).toBe(text)
  })

  it('gives a long page in pieces', async () => {
    const site = await serving(page('application/json', '0123456789'))
    expect(await get(site, { limitChars: 6 })).toMatchObject({
      text: '012345',
      more: 'characters 0 to 6 of 10: ask for the next with "from": 6',
    })
    expect(await get(site, { limitChars: 6 }, { from: 6 })).toMatchObject({ text: '6789', more: '' })
    await expect(get(site, {}, { from: 10 })).rejects.toMatchObject(code('input'))
  })

  it('follows redirects, each within what is allowed', async () => {
    const site = await serving((request, response) => {
      if (request.url === '/new') return void page('text/plain', 'here')(request, response)
      const to =
        request.url === '/out'
          ? 'http://127.0.0.2:1/'
          : request.url === '/file'
            ? 'file:///etc/passwd'
            : '/new'
      response.writeHead(302, { location: request.url === '/loop' ? '/loop' : to }).end()
    })
    expect(await get(`${site}/old`)).toMatchObject({ url: `${site}/new`, text: 'here' })
    await expect(get(`${site}/out`)).rejects.toMatchObject(code('not-allowed'))
    await expect(get(`${site}/out`)).rejects.toThrow(`where ${site}/out leads`)
    await expect(get(`${site}/file`)).rejects.toMatchObject(code('url'))
    await expect(get(`${site}/loop`)).rejects.toMatchObject(code('redirects'))
  })

  it('goes nowhere but where it is allowed to', async () => {
    const allow = ['docs.example.org', 'https://example.org/guide']
    for (const url of ['https://other.org/', 'http://docs.example.org/', 'https://example.org/guide-2']) {
      await expect(get(url, { allow })).rejects.toMatchObject(code('not-allowed'))
    }
    await expect(get('https://docs.example.org/', { allow: [] })).rejects.toThrow('allowed is nothing')
  })

  it('connects to no address that is not public, whatever its name', async () => {
    const site = await serving(page('text/plain', 'secret'))
    const port = new URL(site).port
    const url = `http://docs.example.org:${port}/`
    const options = { lookup: at('127.0.0.1') }
    await expect(get(url, options)).rejects.toMatchObject(code('private-address'))
    await expect(get(url, options)).rejects.toThrow('"docs.example.org" is at 127.0.0.1')
    expect(await get(url, { ...options, allowPrivate: true })).toMatchObject({ text: 'secret' })
  })

  it('connects to the address that it looked at, and asks for it once', async () => {
    const site = await serving(page('text/plain', 'secret'))
    const addresses = ['127.0.0.1', '10.0.0.1']
    let asked = 0
    const lookup: LookupFunction = (name, options, done) => at(addresses[asked++]!)(name, options, done)
    const url = `http://docs.example.org:${new URL(site).port}/`
    expect(await get(url, { lookup, allowPrivate: true })).toMatchObject({ text: 'secret' })
    expect(asked).toBe(1)
  })

  it.each([
    ['url', 'no url'],
    ['url', 'ftp://docs.example.org/'],
    ['url', 'file:///etc/passwd'],
    ['url', 'https://me:secret@docs.example.org/'],
  ])('answers tool.%s to %s', async (name, url) => {
    const tool = fetchUrl({ allow: ['docs.example.org'] })
    await expect(tool.run({ url, raw: null, from: null }, await aContext())).rejects.toMatchObject(code(name))
  })

  it('says what the server says where it has no page', async () => {
    const site = await serving(page('text/html', '<h1>Not here</h1>', 404))
    await expect(get(site)).rejects.toMatchObject(code('http-status'))
    await expect(get(site)).rejects.toThrow('answers 404: # Not here')
    const down = await serving(page('application/octet-stream', Buffer.from([0, 1]), 503))
    await expect(get(down)).rejects.toThrow('answers 503: nothing')
  })

  it('reads text only, and no more of it than it may', async () => {
    await expect(get(await serving(page('image/png', 'x')))).rejects.toMatchObject(code('content-type'))
    const lies = await serving(page('text/plain', Buffer.from([0x50, 0, 1])))
    await expect(get(lies)).rejects.toMatchObject(code('content-type'))
    const large = await serving(page('text/plain', 'x'.repeat(101)))
    await expect(get(large, { limitBytes: 100 })).rejects.toMatchObject(code('too-large'))
    const packed = await serving((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }).end('x')
    })
    await expect(get(packed)).rejects.toMatchObject(code('unreachable'))
  })

  it('waits for no server longer than it may, nor for one that is not there', async () => {
    const silent = await serving(() => {})
    await expect(get(silent, { timeoutMs: 1 })).rejects.toMatchObject(code('slow'))
    await expect(get('http://127.0.0.1:1/')).rejects.toMatchObject(code('unreachable'))
    const context = { ...(await aContext()), signal: AbortSignal.abort(new Error('over')) }
    const asked = fetchUrl({ allow: [silent] }).run({ url: silent, raw: null, from: null }, context)
    await expect(asked).rejects.toThrow('over')
  })
})

describe('what is allowed', () => {
  it.each<[string, string[], string[]]>([
    [
      'example.org',
      ['https://example.org/a'],
      ['http://example.org/', 'https://a.example.org/', 'https://example.org:8443/'],
    ],
    [
      '*.example.org',
      ['https://a.example.org/', 'https://a.b.example.org/x'],
      ['https://evilexample.org/', 'https://example.org.evil.org/'],
    ],
    [
      'https://example.org/docs',
      ['https://example.org/docs', 'https://example.org/docs/a'],
      ['https://example.org/docs2', 'https://example.org/docs/../x', 'https://example.org/docs/..%2fx'],
    ],
    ['http://127.0.0.1:8080', ['http://127.0.0.1:8080/x'], ['http://127.0.0.1/', 'http://127.0.0.1:8081/']],
  ])('%s', (entry, yes, no) => {
    const allow = [allowedUrl(entry)]
    expect(yes.filter((url) => !allowing(allow, new URL(url)))).toEqual([])
    expect(no.filter((url) => allowing(allow, new URL(url)))).toEqual([])
  })

  it.each([
    '',
    '*',
    'exa*mple.org',
    'api-*.example.org',
    'https://docs.*.example.org',
    'https://a@example.org',
    'https://example.org/?a',
    'a b',
  ])('is not %j', (entry) => {
    expect(() => fetchUrl({ allow: [entry] })).toThrow(expect.objectContaining(code('allow')))
  })
})

describe('a public address', () => {
  it.each(['1.1.1.1', '8.8.8.8', '172.32.0.1', '2606:4700::1111'])('is %s', (address) => {
    expect(isPublic(address)).toBe(true)
  })
  it.each([
    ...[
      '127.0.0.1',
      '127.9.9.9',
      '10.1.2.3',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
    ],
    ...[
      '0.0.0.0',
      '100.64.0.1',
      '224.0.0.1',
      '255.255.255.255',
      '::1',
      '::',
      'fe80::1',
      'fc00::1',
      'fd12::1',
    ],
    ...[
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      '2001:db8::1',
      'ff02::1',
      'localhost',
    ],
  ])('is not %s', (address) => {
    expect(isPublic(address)).toBe(false)
  })
})

describe('the text of a page', () => {
  it.each<[string, string, string]>([
    ['paragraphs', '<p>a\n b</p><p>c</p>', 'a b\n\nc'],
    ['headings', '<h1>A</h1><h3>B <em>c</em></h3>d', '# A\n\n### B c\n\nd'],
    ['lists', '<ul><li>a<li><p>b</p></li></ul>c', '- a\n- b\n\nc'],
    [
      'code',
      '<p>x <code>y()</code></p><pre><code>a\n  b &lt; c\n</code></pre>',
      'x `y()`\n\n```\na\n  b < c\n```',
    ],
    [
      'links',
      '<a href="https://x.org/?a=1&amp;b">x</a> <a href="#top">up</a>',
      'x (https://x.org/?a=1&b) up',
    ],
    [
      'tables',
      '<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>',
      'a | b |\n\n1 | 2 |',
    ],
    [
      'what is not for people',
      '<style>p{}</style>a<script>"<p>"</script><!-- <p>no -->b<svg><text>n</text></svg>',
      'ab',
    ],
    ['characters by name and number', '&lt;&#60;&#x3C;&nope;&copy;', '<<<&nope;©'],
    ['marks with a > in them', '<p title="a > b">c', 'c'],
    ['a page that is broken off', '<p>a<b title="', 'a'],
    ['a < that is none', 'a < b', 'a < b'],
  ])('has %s', (_, html, text) => {
    expect(readableHtml(html).text).toBe(text)
  })

  it('comes at once however broken the page is', () => {
    for (const piece of ['<a "', '<!--', '<p>', '&', ' ', '<pre> ', '<li>']) {
      expect(readableHtml(piece.repeat(100_000)).title).toBe('')
    }
  })
})
