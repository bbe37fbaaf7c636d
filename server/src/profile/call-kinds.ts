/** Decides what a call costs by the name it is called by: whether it goes over a list, reaches outside of the process, compiles, sorts or searches. */

const set = (names: string) => new Set(names.split(/\s+/));

/** Calls that run a function for each element. */
const iterating = set(
  `forEach map filter reduce reduceRight flatMap some every find findIndex findLast from
   each each_with_index each_with_object each_slice each_cons each_pair collect select reject inject times upto flat_map any? all? none? find_all sum_by
   for_each fold filter_map any all position try_fold
   forEachIndexed mapIndexed mapNotNull associate associateBy groupBy none flatten anyMatch allMatch noneMatch
   Select Where SelectMany ForEach Any All Aggregate First FirstOrDefault Single
   array_map array_filter array_walk array_reduce usort`,
);

const searching = set(
  `includes indexOf lastIndexOf contains Contains IndexOf index index_of in_array array_search include? member? position ContainsFunc`,
);
const searchingQualified =
  /^(?:slices\.(?:Contains|Index|IndexFunc|ContainsFunc)|lists?\.(?:contains|indexOf)|.*\.(?:includes|indexOf|lastIndexOf|contains|Contains|IndexOf|include\?|member\?))$/;

const sorting = set(
  'sort sorted Sort sort_by sortBy sortWith sorted_by sortedBy sortedWith toSorted OrderBy usort uasort uksort sort_unstable SortFunc Slice',
);
const sortingQualified =
  /(?:^|[.:])(?:sort|sorted|toSorted|sort_by|sortBy|sortWith|sortedBy|sortedWith|OrderBy|sort_unstable|usort|uasort|uksort)$|^(?:sort|slices)\.(?:Sort|Slice|SliceStable|SortFunc|Strings|Ints)$|^(?:Collections|Arrays|Array)\.[sS]ort$/;

const compiling =
  /^(?:re\.compile|regexp\.(?:MustCompile|Compile|MatchString|CompilePOSIX)|(?:java\.util\.regex\.)?Pattern\.compile|(?:regex::)?Regex::new|Regexp\.new|Regexp\.compile|RegExp|Regex|.*\.toRegex)$/;

/** Names that say by themselves that a call waits for a disk, a database, another process or the network. */
const outside = set(
  `readFile readFileSync writeFile writeFileSync appendFile appendFileSync existsSync statSync lstatSync readdirSync readdir mkdirSync rmSync unlinkSync
   execSync spawnSync execFileSync fetch executeQuery executeUpdate findOne findById findUnique findMany findFirst insertOne insertMany updateOne deleteOne
   urlopen urlretrieve fetchone fetchall fetchmany executemany
   ReadFile WriteFile ReadAllText WriteAllText ReadAllLines ReadAllBytes QueryRow QueryContext QueryRowContext ExecContext QueryxContext
   ExecuteReader ExecuteNonQuery ExecuteScalar ExecuteReaderAsync ExecuteNonQueryAsync ExecuteScalarAsync SaveChanges SaveChangesAsync GetAsync PostAsync PutAsync DeleteAsync SendAsync GetStringAsync
   file_get_contents file_put_contents fopen curl_exec mysqli_query read_to_string readAllBytes readAllLines readString readText
   check_output check_call popen queryForObject queryForList getForObject postForObject`,
);
const outsideQualified =
  /(?:^|\.)(?:requests|httpx|urllib\.request|aiohttp|axios|got|http|https|redis|db|database|conn|connection|cursor|cur|tx|pool|knex|prisma|subprocess|session|dbSession|entityManager|jdbcTemplate|restTemplate|httpClient|http_client)\.(?:get|post|put|patch|delete|head|request|query|queryRow|exec|execute|run|call|Popen|Get|Post|Do|Query|Exec|set|hget|hset|find|persist|send|commit)$|^open$|^(?:os|io|ioutil)\.(?:open|Open|Create|stat|Stat|listdir|remove|Remove|rename|ReadDir|ReadFile|ReadAll)$|^(?:File|IO|Dir)\.(?:read|open|write|exist\?|readlines|foreach|glob|Open|ReadAllText|Exists)$|^(?:fs|File|std::fs)::(?:open|read|read_to_string|write|create|metadata|read_dir)$|^Files\.\w+$|^Net::HTTP\.\w+$|^exec\.Command$/;

/** Objects that are dear to make and can be used again. */
const dear = set(
  `RegExp Regex SimpleDateFormat DateTimeFormatter ObjectMapper Gson HttpClient OkHttpClient RestTemplate DecimalFormat NumberFormat Intl.DateTimeFormat Intl.NumberFormat Intl.Collator
   XmlSerializer JsonSerializerOptions SqlConnection Random SecureRandom DocumentBuilderFactory Worker Thread PDO GuzzleHttp\\Client`,
);

export type CallKind = 'io' | 'regex' | 'sort' | 'search';

/** What a call is, by its callee as written (`re.compile`) and the name that this ends in; undefined for any other. */
export function callKind(callee: string, name: string): CallKind | undefined {
  if (compiling.test(callee)) return 'regex';
  if (outside.has(name) || outsideQualified.test(callee)) return 'io';
  if (sortingQualified.test(callee) || (callee === name && sorting.has(name))) return 'sort';
  if (searchingQualified.test(callee) || (callee === name && searching.has(name))) return 'search';
  return undefined;
}

/** True for calls that run the function they are given for each element. */
export function isIterating(name: string): boolean {
  return iterating.has(name);
}

/** True for objects that one does not make again and again. */
export function isDear(typeName: string): boolean {
  return dear.has(typeName);
}
