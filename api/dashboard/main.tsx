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

const desk = document.getElementById("desk");
if (desk === null) throw new Error("the page has no #desk to draw on");
render(<App />, desk);
