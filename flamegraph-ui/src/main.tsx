import "./theme.css";
import "./page.css";
import { render } from "preact";
import { Explore } from "./pages/explore";
import { lazy } from "./parts/lazy";
import { Notice } from "./parts/notices";
import { TopBar } from "./parts/top-bar";
import { linkProblems, start, state } from "./state/store";

const Compare = lazy(() => import("./pages/compare").then((module) => module.Compare));
const Endpoints = lazy(() => import("./pages/endpoints").then((module) => module.Endpoints));
const ServiceMap = lazy(() => import("./pages/map").then((module) => module.ServiceMap));
const Calls = lazy(() => import("./pages/calls").then((module) => module.Calls));
const PAGES = { explore: Explore, compare: Compare, endpoints: Endpoints, map: ServiceMap, calls: Calls };

function App() {
  const Page = PAGES[state.value.page];
  return (
    <>
      <TopBar />
      {linkProblems.value.length > 0 && (
        <Notice tone="warning">Part of the link could not be read: {linkProblems.value.join("; ")}. The rest is shown.</Notice>
      )}
      <Page />
    </>
  );
}

start();
render(<App />, document.getElementById("app")!);
