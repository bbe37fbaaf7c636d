/** Decides where an imported module comes from: this codebase, the language's standard library, or somebody else. */
import { builtinModules } from 'node:module';
import type { Import } from './facts.ts';
import { familyOf } from './families.ts';
import type { Reach } from './import-reach.ts';

export const origins = ['internal', 'standard', 'third_party', 'unknown'] as const;
export type Origin = (typeof origins)[number];

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Top-level modules of CPython 3.14's `sys.stdlib_module_names` that code imports; private ones left out. */
const python = words(
  '__future__ abc aifc annotationlib antigravity argparse array ast asyncio atexit base64 bdb binascii bisect builtins bz2 calendar cgi cmath cmd code codecs codeop collections colorsys compileall compression concurrent configparser contextlib contextvars copy copyreg csv ctypes curses dataclasses datetime dbm decimal difflib dis distutils doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http idlelib imaplib imp importlib inspect io ipaddress itertools json keyword linecache locale logging lzma mailbox marshal math mimetypes mmap modulefinder multiprocessing netrc ntpath nturl2path numbers opcode operator optparse os pathlib pdb pickle pickletools pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc queue quopri random re readline reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtplib socket socketserver sqlite3 sre_compile ssl stat statistics string stringprep struct subprocess symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios textwrap threading time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle types typing unicodedata unittest urllib uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xml xmlrpc zipapp zipfile zipimport zlib zoneinfo',
);
const node = new Set(builtinModules);
const ruby = words(
  'abbrev base64 benchmark bigdecimal cgi coverage csv date delegate digest drb english erb etc fcntl fiddle fileutils find forwardable getoptlong io ipaddr irb json logger matrix minitest monitor mutex_m net nkf objspace observer open open3 open-uri openssl optparse ostruct pathname pp prettyprint prime pstore psych pty rbconfig rdoc readline reline resolv rinda ripper securerandom set shellwords singleton socket stringio strscan syslog tempfile test time timeout tmpdir tracer tsort un uri weakref yaml zlib',
);
const c = words(
  'assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype algorithm any array atomic barrier bit bitset cassert cctype cerrno cfloat charconv chrono cinttypes climits clocale cmath codecvt compare concepts condition_variable coroutine csetjmp csignal cstdarg cstddef cstdint cstdio cstdlib cstring ctime cuchar cwchar cwctype deque exception execution expected filesystem format forward_list fstream functional future generator initializer_list iomanip ios iosfwd iostream istream iterator latch list map mdspan memory memory_resource mutex new numbers numeric optional ostream print queue random ranges ratio regex scoped_allocator semaphore set shared_mutex source_location span spanstream sstream stack stacktrace stdexcept stop_token streambuf string string_view strstream syncstream system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility valarray variant vector version std unistd pthread fcntl dirent dlfcn poll',
);
const haskell = /^(?:Prelude|Control|Data|Debug|Foreign|GHC|Numeric|System|Text|Type|Unsafe)(?:\.|$)/;
const swift = words(
  'Swift Foundation FoundationNetworking Dispatch Darwin Glibc XCTest Testing SwiftUI UIKit AppKit Combine CoreData CoreFoundation CoreGraphics os Observation RegexBuilder Synchronization',
);
const elixir = words(
  'Agent Application Base Bitwise Code Config Date DateTime Enum Exception ExUnit File Float GenServer IO Integer Kernel Keyword List Logger Macro Map MapSet Mix Module NaiveDateTime Node Path Port Process Protocol Range Record Regex Registry Stream String StringIO Supervisor System Task Time Tuple URI Version EEx',
);

/** True for modules that come with the language. */
export function isStandardModule(module: string, language: string): boolean {
  const first = module.split(/[./:\\]/, 1)[0] ?? '';
  switch (familyOf(language)) {
    case 'js':
      return module.startsWith('node:') || node.has(module);
    case 'python':
      return python.has(first);
    case 'go':
      // The go command reserves import paths whose first part has no dot.
      return !(module.split('/', 1)[0] ?? '').includes('.');
    case 'rust':
      return /^(?:std|core|alloc|proc_macro|test)(?:::|$)/.test(module);
    case 'jvm':
      return /^(?:java|javax|jdk|kotlin|scala|groovy)(?:\.|$)/.test(module);
    case 'csharp':
      return /^(?:System|Microsoft\.CSharp|Microsoft\.Win32)(?:\.|$)/.test(module);
    case 'ruby':
      return ruby.has(first);
    case 'c':
      return c.has(module.replace(/\.h$/, '')) || /^(?:sys|netinet|arpa|net|linux)\//.test(module);
    case 'haskell':
      return haskell.test(module);
    case 'swift':
      return swift.has(first);
    case 'elixir':
      return elixir.has(first);
    case 'zig':
      return module === 'std' || module === 'builtin';
    default:
      return false;
  }
}

/** What is known of the codebase that helps to tell its own modules. */
export type OwnModules = {
  /** Strongest reach of the import into the codebase's files. */
  reach: Reach;
  /** Module paths that go.mod files of the codebase declare. */
  goModules: readonly string[];
};

/** Where an import's module comes from. */
export function originOf(
  { module, language }: Pick<Import, 'module' | 'language'>,
  { reach, goModules }: OwnModules,
): Origin {
  const family = familyOf(language);
  if (/^\.{1,2}(?:\/|$)/.test(module) || (family === 'python' && module.startsWith('.'))) return 'internal';
  if (family === 'rust' && /^(?:crate|self|super)(?:::|$)/.test(module)) return 'internal';
  if (family === 'go' && goModules.some((own) => module === own || module.startsWith(`${own}/`))) return 'internal';
  if (isStandardModule(module, language)) return 'standard';
  if (reach === 2) return 'internal';
  if (family === 'go') return 'third_party';
  if (family === 'js') return /^(?:[@~#]?\/|#)/.test(module) ? 'internal' : 'third_party';
  return reach === 1 ? 'internal' : 'third_party';
}

/** The module path of a go.mod file. */
export function goModuleOf(text: string): string | undefined {
  return /^\s*module\s+"?([^\s"]+)/m.exec(text)?.[1];
}
