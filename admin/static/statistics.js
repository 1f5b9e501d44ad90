// Draws each chart of the statistics from the table it stands over, so that both say the same.
// What the table hides has no number there, and no bar here.
"use strict";

(() => {
  const MOST = 15; // lines in one chart
  const COLOURS = {
    places: "#cfc5b3", enrolled: "#1f6b5c", waiting: "#c95a21",
    served: "#1f6b5c", booked: "#cfc5b3", wait_median: "#275f8f", wait_p90: "#b4c8da",
    attendance_rate: "#275f8f", no_show_rate: "#ab2f2b", then: "#b9cdc4", rate_then: "#b4c8da",
  };
  const drawn = [];

  const number = (text) => (text === undefined ? null : Number(text));

  function lines(table) {
    return [...table.tBodies[0].rows].map((row) => {
      const cell = (measure) => row.querySelector(`[data-measure="${measure}"]`);
      return {
        name: row.querySelector("th").textContent.trim(),
        value: (measure, side) => number(cell(measure)?.dataset[side]),
      };
    });
  }

  function series(figure, table, shown, wide) {
    const { now, then } = figure.dataset;
    return figure.dataset.series.split(" ").map((each) => {
      const [measure, side] = each.split(":");
      const heading = table.tHead.querySelector(`[data-name="${measure}"]`).firstChild.textContent;
      const colour = side === "then" ? (measure.endsWith("rate") ? "rate_then" : "then") : measure;
      return {
        type: "bar",
        name: now ? (side === "then" ? then : now) : heading,
        data: shown.map((line) => line.value(measure, side)),
        itemStyle: { color: COLOURS[colour], borderRadius: wide ? [0, 3, 3, 0] : [3, 3, 0, 0] },
        barMaxWidth: 26,
      };
    });
  }

  function draw(figure) {
    const table = document.getElementById(`figures-${figure.dataset.chart}`);
    const all = lines(table);
    const most = all[0].value("served", "now") === null ? "enrolled" : "served";
    const shown = all.length > MOST
      ? [...all].sort((a, b) => b.value(most, "now") - a.value(most, "now")).slice(0, MOST)
      : all;
    const lying = shown.length > 6 || window.innerWidth < 600;
    const unit = "percent" in figure.dataset ? "%" : "";
    figure.hidden = false;
    const drawing = figure.querySelector(".drawing");
    drawing.classList.toggle("tall", lying && shown.length > 8);
    const names = {
      type: "category", data: shown.map((line) => line.name), inverse: lying,
      axisTick: { show: false },
      axisLabel: { color: "#23302d", width: lying ? 92 : Math.max(76, 380 / shown.length), overflow: "truncate", interval: 0 },
    };
    const values = {
      type: "value", axisLabel: { formatter: `{value}${unit}`, hideOverlap: true },
      splitNumber: 4, minInterval: 1, ...(unit ? { max: 100, interval: 25 } : {}),
    };
    const style = getComputedStyle(document.body);
    const chart = window.echarts.init(drawing);
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: style.fontFamily, fontSize: 14 },
      legend: { bottom: 0, itemWidth: 14, itemHeight: 10 },
      grid: { left: 4, right: 22, top: 14, bottom: 34, containLabel: true },
      // Drawn, not written: the policy of the console allows no styles inside of markup.
      tooltip: {
        trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" },
        valueFormatter: (value) => (value === null || value === undefined ? "–" : `${value}${unit}`),
      },
      xAxis: lying ? values : names,
      yAxis: lying ? names : values,
      series: series(figure, table, shown, lying),
    });
    drawn.push(chart);
  }

  document.querySelectorAll("figure[data-chart]").forEach(draw);
  window.addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));

  // On paper nothing can be unfolded.
  const folded = document.querySelectorAll(".cut details:not([open])");
  window.addEventListener("beforeprint", () => folded.forEach((one) => { one.open = true; }));
  window.addEventListener("afterprint", () => folded.forEach((one) => { one.open = false; }));

  const print = document.querySelector("[data-print]");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
})();
