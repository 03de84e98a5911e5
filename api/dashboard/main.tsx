import { render } from "preact";
import { App } from "./app.tsx";
import "./styles/theme.css";
import "./styles/main-screen.css";
import "./styles/rows.css";
import "./styles/tables.css";
import "./styles/detail.css";
import "./styles/stock.css";
import "./styles/map.css";
import "./styles/sign-in.css";
import "./styles/administration.css";
import "./styles/imports.css";
import "./styles/people.css";
import "./styles/search.css";
import "./styles/alerts.css";

const root = document.getElementById("app");
if (root === null) throw new Error("the page has no #app to draw on");
render(<App />, root);
