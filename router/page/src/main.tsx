import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./style.css";
import { createRoot } from "react-dom/client";
import { createApp } from "./app";
import { loadConfig } from "./config";

const App = createApp(await loadConfig());
createRoot(document.getElementById("root")!).render(<App />);
