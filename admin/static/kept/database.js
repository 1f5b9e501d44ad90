// A database of this browser. What is written resolves once it is on the disk, not before: a phone may
// lose its battery at any moment. Other windows of the browser are told that something changed.

export const answerOf = (asked) =>
  new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });

/** The database `name`; `make` creates its stores. */
export function database(name, make) {
  const news = new BroadcastChannel(name);
  let opened = null;

  function open() {
    opened ??= (() => {
      const asked = indexedDB.open(name, 1);
      asked.onupgradeneeded = () => make(asked.result);
      return answerOf(asked);
    })();
    return opened;
  }

  function tell() {
    news.postMessage("changed");
    window.dispatchEvent(new Event("kept"));
  }

  async function transact(names, mode, work) {
    const base = await open();
    const transaction = base.transaction(names, mode, { durability: "strict" });
    const finished = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    const [answer] = await Promise.all([work((store) => transaction.objectStore(store)), finished]);
    if (mode === "readwrite") tell();
    return answer;
  }

  return {
    transact,
    all: (store) => transact([store], "readonly", (of) => answerOf(of(store).getAll())),
    fact: (key) => transact(["facts"], "readonly", (of) => answerOf(of("facts").get(key))),
    setFact: (key, value) => transact(["facts"], "readwrite", (of) => answerOf(of("facts").put(value, key))),
    /** Something changed, here or in another window of this browser. */
    onNews(listener) {
      const here = () => listener();
      news.addEventListener("message", here);
      window.addEventListener("kept", here);
    },
  };
}
