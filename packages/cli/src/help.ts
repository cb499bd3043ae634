/**
 * The help texts, laid out for 80 columns and more.
 */
import type { OptionSpec } from './arguments.js';
import type { Command, HelpSection } from './command.js';
import type { Style } from './terminal.js';

const WIDTH = 80;

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

function optionName({ name, short, value }: OptionSpec): string {
  const letter = short === undefined ? '    ' : `-${short}, `;
  return `${letter}--${name}${value === undefined ? '' : ` ${value}`}`;
}

function optionLines(options: readonly OptionSpec[], style: Style): readonly string[] {
  const width = Math.max(...options.map((option) => optionName(option).length));
  return options.flatMap((option) => {
    const [first = '', ...rest] = wrap(option.help, WIDTH - width - 4);
    const name = style(optionName(option).padEnd(width), 'cyan');
    return [`  ${name}  ${first}`, ...rest.map((line) => ' '.repeat(width + 4) + line)];
  });
}

function sectionLines({ title, lines }: HelpSection, style: Style): readonly string[] {
  const shown = lines.map((line) =>
    line.startsWith('$ ') ? `  ${style('$', 'dim')} ${style(line.slice(2), 'green')}` : `  ${line}`,
  );
  return ['', style(title, 'bold'), ...shown];
}

/** The help of one command. */
export function commandHelp(command: Command, style: Style): string {
  return [
    `${style('inos', 'bold')} ${style(command.name, 'bold')} ${command.usage}`,
    '',
    ...command.description,
    '',
    style('Options', 'bold'),
    ...optionLines(command.options, style),
    ...command.sections.flatMap((section) => sectionLines(section, style)),
  ].join('\n');
}

/** The help of `inos` itself. */
export function overallHelp(commands: readonly Command[], version: string, style: Style): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const examples: HelpSection = {
    title: 'Examples',
    lines: [
      '$ inos demo                             # what happens inside, with times',
      '$ inos hash *.iso > SHA256SUMS          # as sha256sum -c SHA256SUMS wants it',
      '$ inos hash --algorithm blake3 big.tar  # as b3sum -c wants it',
      '$ inos mine --header HEX --target HEX   # the lowest nonce below a target',
      '$ inos physics run pile.json --steps 60 # a scene of rigid bodies, and its digest',
      '$ inos top -- node app.mjs              # what its capsules do, live',
      '$ inos capsule build                    # a capsule of your own, as WebAssembly',
      '$ inos doctor                           # what this machine offers',
    ],
  };
  return [
    `${style('inos', 'bold')} ${version}: heavy work in Rust capsules over one shared memory`,
    '',
    `${style('Usage', 'bold')}  inos COMMAND [options]`,
    '',
    style('Commands', 'bold'),
    ...commands.map(({ name, summary }) => `  ${style(name.padEnd(width), 'cyan')}  ${summary}`),
    '',
    style('Options', 'bold'),
    ...optionLines(
      [
        { name: 'help', short: 'h', help: 'Explain inos, or a command: inos mine --help' },
        { name: 'version', short: 'V', help: 'Print the version.' },
      ],
      style,
    ),
    ...sectionLines(examples, style),
    '',
    'Results go to stdout, messages and progress to stderr. The help of each command',
    'lists its exit codes.',
  ].join('\n');
}
