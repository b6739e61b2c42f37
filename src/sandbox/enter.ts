/**
 * The program that makes a sandbox of Linux namespaces and runs a command in it. It is Perl, since it takes system
 * calls in one process between fork and exec, which Node has not, and Perl is on every Debian and Ubuntu. A shell script
 * on util-linux did the same with fifteen processes, and could not tell a signal from an exit code.
 *
 * E1 One process stays outside of the PID namespace, waits for the command, and ends as it ended. When it is killed the
 *    namespace goes as well, since the kernel then kills the namespace's first process (PR_SET_PDEATHSIG), and all that
 *    are in it with that one, whatever session they are in.
 * E2 It ends only after the last process inside.
 * E3 The first process inside collects orphans, and is in no group that a signal is sent to.
 * E4 All capabilities are gone when the command starts, with the right to get any (bounding set, no_new_privs), and so
 *    are the mounts of the machine: what is not in the plan does not exist inside.
 *
 * Arguments: system call numbers, BASE, steps, `--`, the command's directory and the command. A step is three
 * arguments: kind, path inside, and source.
 */

/** Numbers of the system calls that Perl has no name for. From the kernel's own tables. */
export const SYSTEM_CALLS: Readonly<Partial<Record<NodeJS.Architecture, Readonly<Record<string, number>>>>> =
  {
    x64: {
      ...{ mount: 165, umount2: 166, pivot_root: 155, prctl: 157, capset: 126, setsid: 112 },
      ...{ unshare: 272, prlimit64: 302, close_range: 436, mount_setattr: 442 },
    },
    arm64: {
      ...{ mount: 40, umount2: 39, pivot_root: 41, prctl: 167, capset: 91, setsid: 157 },
      ...{ unshare: 97, prlimit64: 261, close_range: 436, mount_setattr: 442 },
    },
  }

/** Where the new root is put together: a directory of every Linux, and above nothing that a plan may name. */
export const BASE = '/sys'

/** Bytes of the largest file that a command may write. */
const LARGEST_FILE = 4 * 2 ** 30
/** Of one command, where the kernel counts those of a user namespace apart (5.14), and but for root. */
const MOST_PROCESSES = 4096

export const ENTER = `
use strict;
my %nr = split /[=,]/, shift;
my $base = shift;
$SIG{$_} = 'IGNORE' for qw(TERM INT HUP);
open(my $status, '>&=', 3) or exit 125;
fcntl($status, 2, 1);
sub stop { syswrite $status, "$_[0]: $!"; exit 125 }
sub try { my ($name, @given) = @_; syscall($nr{$name} + 0, @given) }
sub sys { my ($name, @given) = @_; my $got = try($name, @given); $got == -1 ? stop("$name(@given)") : $got }
sub put { my ($file, $text) = @_; my $out; open($out, '>', $file) and syswrite($out, $text) and close $out }
sub flag { my ($path, $flags, $deep) = @_; sys('mount_setattr', -100, $path, $deep, pack('Q4', $flags, 0, 0, 0), 32) }
sub put_empty { open(my $made, '>', $_[0]) or stop("create $_[0]") }
sub folder { my $path = ''; for (split m{/}, $_[0]) { $path .= "$_/"; -d $path or mkdir $path or stop("mkdir $path") } }
sub place {
  my ($path, $file) = @_;
  $path =~ m{^(.*)/[^/]*$}s and folder($1) if $file;
  $file ? (-e $path or put_empty($path)) : folder($path);
}
sub tmpfs { sys('mount', 'sandbox', $_[0], 'tmpfs', 6, "$_[1],size=256m") }

try('close_range', 4, 0x7fffffff, 0); # what this machine's processes left open
my ($uid, $gid) = ($>, $) + 0);
# user, mount, network, IPC, UTS, cgroup; PID for the children
sys('unshare', 0x10000000 | 0x20000 | 0x40000000 | 0x8000000 | 0x4000000 | 0x2000000 | 0x20000000);
put('/proc/self/setgroups', 'deny');
put('/proc/self/uid_map', "$uid $uid 1") or stop('uid_map');
put('/proc/self/gid_map', "$gid $gid 1") or stop('gid_map');
put('/proc/sys/user/max_user_namespaces', '0');
sys('mount', 'none', '/', 0, 0x44000, 0);
tmpfs($base, 'mode=755');

while ((my $kind = shift) ne '--') {
  my ($path, $source) = ($base . shift, shift);
  if ($kind eq 'link') { symlink $source, $path or stop("link $path") }
  elsif ($kind eq 'folder') { place($path, 0) }
  elsif ($kind eq 'tmpfs') { place($path, 0); tmpfs($path, $source) }
  elsif ($kind eq 'hidden') { tmpfs($path, 'mode=555'); flag($path, 1, 0) }
  else {
    place($path, !-d $source);
    sys('mount', $source, $path, 0, 0x5000, 0);
    flag($path, $kind eq 'device' ? 2 : $kind eq 'write' ? 6 : 7, 0x8000);
  }
}

socket(my $any, 2, 2, 0) or stop('socket');
my $up = pack('a16 s x22', 'lo', 1);
ioctl($any, 0x8914, $up) or stop('loopback');
close $any;

pipe(my $heard, my $mounted);
my $first = fork;
defined $first or stop('fork');
if ($first == 0) {
  sys('prctl', 1, 9, 0, 0, 0);
  sys('mount', 'proc', "$base/proc", 'proc', 15, 0);
  sys('setsid');
  $SIG{CHLD} = 'IGNORE';
  $0 = 'sandbox';
  close $_ for $heard, $status, *STDIN, *STDOUT, *STDERR;
  syswrite $mounted, '.';
  close $mounted;
  sleep while 1;
}
close $mounted;
sysread($heard, my $ready, 1) or exit 125;
close $heard;
flag($base, 1, 0);
chdir $base or stop('chdir');
sys('pivot_root', '.', '.');
sys('umount2', '.', 2);
my $directory = shift;
chdir $directory or stop("chdir $directory");

my $command = fork;
defined $command or stop('fork');
if ($command == 0) {
  sys('prctl', 1, 9, 0, 0, 0);
  try('prlimit64', 0, $$_[0], pack('QQ', $$_[1], $$_[1]), 0) for [4, 0], [1, ${LARGEST_FILE}], [6, ${MOST_PROCESSES}];
  sys('prctl', 38, 1, 0, 0, 0);
  for my $capability (0 .. 63) { last if try('prctl', 24, $capability, 0, 0, 0) == -1 }
  sys('capset', pack('Ii', 0x20080522, 0), pack('I6', (0) x 6));
  $SIG{$_} = 'DEFAULT' for qw(TERM INT HUP);
  syswrite $status, '.';
  exec { $ARGV[0] } @ARGV or stop("exec $ARGV[0]");
}
close $status;
waitpid $command, 0;
my $ending = $?;
kill 9, $first;
waitpid $first, 0;
my $signal = $ending & 127;
if ($signal) {
  try('prlimit64', 0, 4, pack('QQ', 0, 0), 0);
  $SIG{$_} = 'DEFAULT' for qw(TERM INT HUP);
  kill $signal, $$;
  exit 128 + $signal;
}
exit $ending >> 8;
`
