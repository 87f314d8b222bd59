// SQLite (sql.js): a table of orders, an index, joins and aggregates.
import initSqlJs from "sql.js";

export default async function () {
    const { Database } = await initSqlJs();
    const db = new Database();
    db.exec(`
        create table customer (id integer primary key, name text, city text);
        create table purchase (id integer primary key, customer integer, price real, note text);
        with recursive n(i) as (select 1 union all select i + 1 from n where i < 500)
            insert into customer select i, 'customer ' || i, 'city ' || (i % 17) from n;
        with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
            insert into purchase select i, (i * 7919) % 500 + 1, (i * 31 % 997) / 7.0, printf('%08d %s', i, hex(i * 104729)) from n;
        create index by_customer on purchase (customer);`);
    const [{ values }] = db.exec(`
        select c.city, count(*), round(sum(p.price), 2), max(p.note) from customer c join purchase p on p.customer = c.id
            where p.note like '%3%' group by c.city order by 3 desc`);
    if (values.length !== 17) throw new Error(`${values.length} cities`);
    db.exec("select substr(note, 1, 6) s, avg(price) from purchase group by s having count(*) > 3 order by 2 limit 5");
    db.close();
}
