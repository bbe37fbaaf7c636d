/** Decides which modules come with a language, so that importing them is no dependency. Data, from the languages' own lists. */
import { builtinModules } from 'node:module';

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Top-level modules of Python 3.8 to 3.14 (`sys.stdlib_module_names`). */
export const pythonModules = words(`
  __future__ _collections_abc _io _thread _typeshed _weakref abc aifc annotationlib antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64
  bdb binascii bisect builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop collections
  colorsys compileall compression concurrent configparser contextlib contextvars copy copyreg crypt csv ctypes curses
  dataclasses datetime dbm decimal difflib dis distutils doctest email encodings ensurepip enum errno faulthandler
  fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp
  gzip hashlib heapq hmac html http idlelib imaplib imghdr imp importlib inspect io ipaddress itertools json keyword
  lib2to3 linecache locale logging lzma mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt
  multiprocessing netrc nis nntplib nt ntpath nturl2path numbers opcode operator optparse os ossaudiodev pathlib pdb
  pickle pickletools pipes pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile
  pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource rlcompleter runpy sched secrets
  select selectors shelve shlex shutil signal site smtpd smtplib sndhdr socket socketserver spwd sqlite3 sre_compile
  sre_constants sre_parse ssl stat statistics string stringprep struct subprocess sunau symtable sys sysconfig syslog
  tabnanny tarfile telnetlib tempfile termios textwrap this threading time timeit tkinter token tokenize tomllib
  trace traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib uu uuid venv warnings
  wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo
`);

/** Node's own, without `node:`; `bun` and Deno's are not in its list. */
export const nodeModules: ReadonlySet<string> = new Set([...builtinModules, 'sqlite', 'sea', 'test']);

/** Headers of C and POSIX without directories, and the C++ ones, which have no extension. */
export const systemHeaders = words(`
  assert.h complex.h ctype.h errno.h fenv.h float.h inttypes.h iso646.h limits.h locale.h math.h setjmp.h signal.h
  stdalign.h stdarg.h stdatomic.h stdbit.h stdbool.h stdckdint.h stddef.h stdint.h stdio.h stdlib.h stdnoreturn.h string.h
  tgmath.h threads.h time.h uchar.h wchar.h wctype.h aio.h dirent.h dlfcn.h fcntl.h fnmatch.h ftw.h glob.h grp.h iconv.h
  langinfo.h libgen.h monetary.h mqueue.h netdb.h nl_types.h poll.h pthread.h pwd.h regex.h sched.h semaphore.h spawn.h
  strings.h syslog.h tar.h termios.h unistd.h utime.h utmpx.h wordexp.h alloca.h malloc.h memory.h getopt.h endian.h err.h
  windows.h winsock2.h intrin.h immintrin.h emmintrin.h arm_neon.h
  algorithm any array atomic barrier bit bitset cassert ccomplex cctype cerrno cfenv cfloat charconv chrono cinttypes
  climits clocale cmath codecvt compare complex concepts condition_variable coroutine csetjmp csignal cstdarg cstddef
  cstdint cstdio cstdlib cstring ctgmath ctime cuchar cwchar cwctype deque exception execution expected filesystem format
  forward_list fstream functional future generator initializer_list iomanip ios iosfwd iostream istream iterator latch
  limits list locale map mdspan memory memory_resource mutex new numbers numeric optional ostream print queue random ranges
  ratio regex scoped_allocator semaphore set shared_mutex source_location span spanstream sstream stack stacktrace
  stdexcept stdfloat stop_token streambuf string string_view strstream syncstream system_error thread tuple type_traits
  typeindex typeinfo unordered_map unordered_set utility valarray variant vector version
`);
/** Directories of headers that come with the system. */
export const systemHeaderDirectories = words('sys net netinet arpa linux asm asm-generic mach bits machine');

/** What comes with Ruby: default and bundled gems. */
export const rubyLibraries = words(`
  abbrev base64 benchmark bigdecimal bundler cgi coverage csv date dbm debug delegate did_you_mean digest drb English erb
  error_highlight etc expect fcntl fiddle fileutils find forwardable getoptlong io ipaddr irb json logger matrix minitest
  monitor mutex_m net objspace observer open-uri open3 openssl optparse ostruct pathname power_assert pp prettyprint prime
  prism pstore psych pty racc rake random rbconfig rbs rdoc readline reline resolv rexml rinda ripper rss ruby2_keywords
  securerandom set shellwords singleton socket stringio strscan syntax_suggest syslog tempfile test time timeout tmpdir
  tracer tsort typeprof un unicode_normalize uri weakref win32ole yaml zlib
`);

/** Frameworks of Apple's systems and modules of the Swift toolchain. */
export const swiftModules = words(`
  Accelerate AppKit ARKit AVFoundation AVKit CallKit CloudKit Combine Contacts CoreAudio CoreBluetooth CoreData
  CoreFoundation CoreGraphics CoreImage CoreLocation CoreMedia CoreML CoreMotion CoreText CoreVideo CryptoKit Darwin
  Dispatch EventKit Foundation FoundationNetworking FoundationXML GameKit GameplayKit Glibc HealthKit ImageIO Intents
  JavaScriptCore LocalAuthentication MapKit MediaPlayer Metal MetalKit MessageUI MultipeerConnectivity Musl NaturalLanguage
  Network NotificationCenter os ObjectiveC Observation OSLog PassKit PDFKit Photos QuartzCore QuickLook RealityKit
  RegexBuilder SafariServices SceneKit Security Social Speech SpriteKit StoreKit Swift SwiftData SwiftUI SystemConfiguration
  Synchronization Testing UIKit UniformTypeIdentifiers UserNotifications Vision WatchKit WebKit WidgetKit WinSDK XCTest
`);

/** First parts of the modules that GHC's own packages have, where they tell. */
export const haskellModules = words(`
  Prelude Control.Applicative Control.Arrow Control.Category Control.Concurrent Control.DeepSeq Control.Exception
  Control.Monad Data.Array Data.Bifunctor Data.Bits Data.Bool Data.ByteString Data.Char Data.Coerce Data.Complex
  Data.Containers Data.Data Data.Dynamic Data.Either Data.Eq Data.Fixed Data.Foldable Data.Function Data.Functor
  Data.Graph Data.IORef Data.Int Data.IntMap Data.IntSet Data.Ix Data.Kind Data.List Data.Map Data.Maybe Data.Monoid
  Data.Ord Data.Proxy Data.Ratio Data.STRef Data.Semigroup Data.Sequence Data.Set Data.String Data.Text Data.Time
  Data.Traversable Data.Tree Data.Tuple Data.Type Data.Typeable Data.Unique Data.Version Data.Void Data.Word Debug.Trace
  Foreign GHC Numeric System.CPUTime System.Directory System.Environment System.Exit System.FilePath System.IO System.Info
  System.Mem System.Process System.Timeout Text.ParserCombinators.ReadP Text.Printf Text.Read Text.Show Type.Reflection
  Unsafe.Coerce
`);

/** Elixir's and Erlang's own, by the first part of the name. */
export const elixirModules = words(`
  Access Agent Application Atom Base Behaviour Bitwise Calendar Code Collectable Config Date DateTime Duration
  DynamicSupervisor EEx Enum Enumerable Exception ExUnit File Float Function GenEvent GenServer Inspect Integer IO JSON
  Kernel Keyword List Logger Macro Map MapSet Mix Module NaiveDateTime Node OptionParser PartitionSupervisor Path Port
  Process Protocol Range Record Regex Registry Set Stream String StringIO Supervisor System Task Time Tuple URI Version
`);
