/** Which addresses belong to a private network, this machine or nobody: where a tool must not be led by a name. */
import { BlockList, isIP } from 'node:net'

// IANA's special-purpose registries (RFC 6890): what is not a host of the public Internet.
const SPECIAL_4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16], // link-local, and the metadata of clouds
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const

// Of IPv6 only global unicast is public, less what stands in it for other things: 6to4 and Teredo hold an IPv4 address.
const PUBLIC_6 = ['2000::', 3] as const
const SPECIAL_6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const

const listOf = (subnets: readonly (readonly [string, number])[], family: 'ipv4' | 'ipv6') => {
  const list = new BlockList()
  for (const [net, bits] of subnets) list.addSubnet(net, bits, family)
  return list
}

const special4 = listOf(SPECIAL_4, 'ipv4')
const special6 = listOf(SPECIAL_6, 'ipv6')
const public6 = listOf([PUBLIC_6], 'ipv6')

/** Whether an address in figures is one of the public Internet; false of what is no address. */
export function isPublic(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return !special4.check(address, 'ipv4')
  if (family !== 6) return false
  // An IPv4 address in IPv6's clothes, `::ffff:127.0.0.1`, is not global unicast, and so refused with the rest.
  return public6.check(address, 'ipv6') && !special6.check(address, 'ipv6')
}
