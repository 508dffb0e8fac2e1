import "./theme.css";
import "./page.css";
import { render } from "preact";
import { Compare } from "./pages/compare";
import { Explore } from "./pages/explore";
import { Notice } from "./parts/notices";
import { TopBar } from "./parts/top-bar";
import { linkProblems, start, state } from "./state/store";

function App() {
  return (
    <>
      <TopBar />
      {linkProblems.value.length > 0 && (
        <Notice tone="warning">Part of the link could not be read: {linkProblems.value.join("; ")}. The rest is shown.</Notice>
      )}
      {state.value.page === "explore" ? <Explore /> : <Compare />}
    </>
  );
}

start();
render(<App />, document.getElementById("app")!);
