export function compareTable(rows) {
  console.log(
    JSON.stringify(rows.map(({ name, version, outcomes }) => ({ name, version, outcomes }))),
  );
}
export const writeTable = compareTable;
