/** The arrows of `src/README.md` as rules. `allowed` lists what each folder may import besides itself. */
const ALLOWED = {
  'src/util': [],
  'src/model': ['src/util'],
  'src/config': ['src/util'],
  'src/telemetry': ['src/util'],
  'src/store': ['src/model', 'src/telemetry', 'src/util'],
  'src/graph': ['src/model', 'src/util'],
  'src/dialects': ['src/model', 'src/util'],
  'src/evaluate': ['src/model', 'src/util'],
  'src/learn': ['src/graph', 'src/model', 'src/util'],
  'src/simulate': ['src/model', 'src/util'],
  'src/report': ['src/evaluate', 'src/model', 'src/util'],
  'src/app': [
    'src/store',
    'src/learn',
    'src/evaluate',
    'src/dialects',
    'src/simulate',
    'src/report',
    'src/graph',
    'src/config',
    'src/telemetry',
    'src/model',
    'src/util',
  ],
  'src/cli': ['src/app', 'src/config', 'src/telemetry', 'src/model', 'src/util', 'ingest'],
  ingest: ['src/store', 'src/model', 'src/config', 'src/telemetry', 'src/util'],
};

const own = (folder) => `^${folder}/`;

const arrows = Object.entries(ALLOWED).map(([folder, targets]) => ({
  name: `arrows-of-${folder.replace('/', '-')}`,
  comment: `${folder} may import ${targets.length > 0 ? targets.join(', ') : 'nothing else of ours'}: the layers of src/README.md point one way only.`,
  severity: 'error',
  from: { path: own(folder) },
  to: { path: '^(src|ingest|test)/', pathNot: [folder, ...targets].map(own) },
}));

/** The parts of large folders, in the order of `src/README.md`: each may import only what stands after it. */
const PARTS = {
  'src/learn': ['findings', 'pairs', 'selectors', 'earlier', 'functions', 'trust', 'links', 'parties'],
  'src/evaluate': ['explain', 'connectivity', 'lint', 'decide', 'compile', 'match'],
  ingest: ['files', 'consume', 'batch', 'kafka', 'frames', 'decode'],
};

const parts = Object.entries(PARTS).flatMap(([folder, order]) =>
  order.slice(1).map((part, i) => ({
    name: `parts-of-${folder.replace('/', '-')}-${part}`,
    comment: `${folder}/${part} must not import ${order.slice(0, i + 1).join(', ')}: the parts of a folder are read in one direction.`,
    severity: 'error',
    from: { path: own(`${folder}/${part}`) },
    to: { path: order.slice(0, i + 1).map((before) => own(`${folder}/${before}`)) },
  })),
);

const onlyImporter = (name, packages, folder, why) => ({
  name,
  comment: `Only ${folder} imports ${packages.join(', ')}: ${why}`,
  severity: 'error',
  from: { path: '^(src|ingest)/', pathNot: `^${folder}` },
  to: { path: packages.map((p) => `(^|node_modules/)${p}(/|$)`) },
});

const PURE = '^(src/(model|learn|evaluate|report|dialects|simulate|graph)|ingest/decode)/';

export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that import each other cannot be understood, tested or moved alone.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...arrows,
    ...parts,
    onlyImporter('one-clickhouse', ['@clickhouse/client', 'chdb'], 'src/store/', 'the engine must stay replaceable.'),
    onlyImporter(
      'one-kafkajs',
      ['kafkajs'],
      'ingest/kafka',
      'kafkajs is no longer maintained; leaving it must cost one file.',
    ),
    onlyImporter('one-graphology', ['graphology'], 'src/graph/', 'the graph library must stay replaceable.'),
    onlyImporter('one-commander', ['commander'], 'src/cli/', 'options are parsed at the edge and nowhere else.'),
    {
      name: 'pure-is-pure',
      comment:
        'Pure folders turn values into values: no files, network, processes or clocks, so scenario tests need none.',
      severity: 'error',
      from: { path: PURE },
      to: {
        path: '^(node:)?(fs|fs/promises|http|https|net|tls|dns|child_process|worker_threads|cluster|process|timers|timers/promises|os)$',
      },
    },
    {
      name: 'nothing-imports-tests',
      comment: 'Shipped code must not need a test file.',
      severity: 'error',
      from: { path: '^(src|ingest)/' },
      to: { path: '^test/' },
    },
    {
      name: 'resolvable',
      comment: 'An import that cannot be resolved hides its arrow from the other rules.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^chdb/connection$' },
    },
    {
      name: 'declared-dependencies',
      comment: 'What runs must be installed: shipped code imports declared dependencies only, no development tools.',
      severity: 'error',
      from: { path: '^(src|ingest)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
